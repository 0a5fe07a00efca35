"""The name of the operator at the terminal."""

from __future__ import annotations

import getpass


def operator() -> str:
    """The operator's name for the audit log, such as `terminal:root`; `terminal:` if the system user has no name.

    With the colon it cannot be anybody's login.
    """
    try:
        return f"terminal:{getpass.getuser()}"
    except (KeyError, OSError):
        return "terminal:"
