"""Who the audit trail names for an act at the command line."""

import getpass
import os


def actor() -> str:
    """The operating system's user, or its number where a container has no name for it."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return f"cli:uid-{os.getuid()}"
