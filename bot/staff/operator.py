"""Who sits at the terminal."""

from __future__ import annotations

import getpass


def operator() -> str:
    """How the audit log names whoever sits at the terminal: never a login, since logins hold no colon."""
    try:
        return f"terminal:{getpass.getuser()}"
    except (KeyError, OSError):
        return "terminal"
