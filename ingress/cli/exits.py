"""Exit codes: what each means to a script, in one place."""

OK = 0
FAILED = 1
USAGE = 2
ALREADY_RUNNING = 3
AWAY = 4
REFUSED = 5

MEANINGS = {
    OK: "done, and all of it as asked",
    FAILED: "not found, ambiguous, nothing matched, or not all of it could be done",
    USAGE: "the command line or the settings cannot be used",
    ALREADY_RUNNING: "`up` is already running on this CARELANE_HOME",
    AWAY: "the database, the front door or Stripe does not answer",
    REFUSED: "the front door refused an event",
}


def explanation() -> str:
    """The paragraph for `--help`; click leaves its lines as they are."""
    return "\b\nExit codes:\n" + "\n".join(f"  {code}  {meaning}" for code, meaning in MEANINGS.items())
