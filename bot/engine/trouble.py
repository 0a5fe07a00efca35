"""Notes whether the action server was out of reach while a message was answered. Rasa itself does not report it."""

from contextlib import contextmanager
from contextvars import ContextVar
from typing import Iterator, List, Optional

_failed: ContextVar[Optional[List[bool]]] = ContextVar("failed_actions", default=None)


@contextmanager
def watching_actions() -> Iterator[List[bool]]:
    """The list gets an entry for each action that fails within the block: True if the server was out of reach."""
    failed: List[bool] = []
    token = _failed.set(failed)
    try:
        yield failed
    finally:
        _failed.reset(token)


def note_failed_action(is_out_of_reach: bool) -> None:
    failed = _failed.get()
    if failed is not None:
        failed.append(is_out_of_reach)
