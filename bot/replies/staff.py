"""How a person of the staff appears to citizens."""

from __future__ import annotations


def signature(department_name: str | None) -> str:
    """Without the person's own name: `公安局工作人员`."""
    return f"{department_name or ''}工作人员"
