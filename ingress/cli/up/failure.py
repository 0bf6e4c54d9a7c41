"""Why `up` does not start, in words for the person who typed it, with the exit code that says which kind it is."""

from ingress.cli import exits


class StartFailed(Exception):
    """Start-up cannot go on; the message is for a person, the code for the shell."""

    def __init__(self, message: str, *, exit_code: int = exits.FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code
