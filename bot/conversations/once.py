"""What a message has done is done once, however often its answer has to be worked out.

A process may die after an action has changed something and before the answer has arrived. The message is then asked
again; what was done for it the first time is told again, and not done again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.conversations.models import Done
from bot.sealing import Sealer

# Longer than a message is asked again.
KEPT_FOR = timedelta(hours=1)


def once(session: Session, sealer: Sealer, key: str, now: datetime, do: Callable[[], str]) -> str:
    """What `do` gave the first time under this key, which is kept sealed, in the transaction in which it acts.

    Two processes at once: the second waits for the first, or fails and may be asked again.
    """
    digest = sealer.digest(key)
    found = session.scalars(select(Done).where(Done.key_digest == digest)).one_or_none()
    if found is not None:
        return sealer.open(found.result_sealed)
    # Written first, so that whoever else begins meets it.
    done = Done(key_digest=digest, at=now, result_sealed="")
    session.add(done)
    session.flush()
    result = do()
    done.result_sealed = sealer.seal(result)
    return result


def forget_done(session: Session, now: datetime) -> None:
    session.execute(delete(Done).where(Done.at < now - KEPT_FOR).execution_options(synchronize_session=False))
