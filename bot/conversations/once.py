"""Performs the actions of a message only once, even if the message is processed again.

A process may die after an action has changed something and before the answer has arrived. The message is then sent to
the engine again. The action then returns its first result and is not repeated.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.conversations.models import Done
from bot.sealing import Sealer

# Longer than the time in which a message is retried.
KEPT_FOR = timedelta(hours=1)


def once(session: Session, sealer: Sealer, key: str, now: datetime, do: Callable[[], str]) -> str:
    """Calls `do` the first time a key is used, and returns its stored result afterwards.

    The result is stored, sealed, in the same transaction. If two processes use a key at once, the second waits for the
    first, or fails and can be retried.
    """
    digest = sealer.digest(key)
    found = session.scalars(select(Done).where(Done.key_digest == digest)).one_or_none()
    if found is not None:
        return sealer.open(found.result_sealed)
    # Written before the action, so that another process with the same key conflicts with it.
    done = Done(key_digest=digest, at=now, result_sealed="")
    session.add(done)
    session.flush()
    result = do()
    done.result_sealed = sealer.seal(result)
    return result


def forget_done(session: Session, now: datetime) -> None:
    session.execute(delete(Done).where(Done.at < now - KEPT_FOR).execution_options(synchronize_session=False))
