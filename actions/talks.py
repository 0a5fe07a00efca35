"""Which talks (在线访谈) there are: “有没有在线访谈”, “下一场访谈是什么时候”."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from bot.interviews.service import all_interviews
from bot.language.text import normalise
from bot.replies.interviews import talks
from bot.replies.reply import Reply

# A longer message asks of something else too.
LONGEST = 25
MOST = 3
_TALK = "(?:在线|网上|网络|线上)?(?:访谈|面对面|问政)"
_ASKS_WHICH = re.compile(
    f"(?:有没有|有无|有|哪些|哪[场期]|什么|最近|近期|下一?[场期次]|这[个次周月]|看|参加|预告|安排)[^,。]{{0,6}}{_TALK}"
    f"|{_TALK}[^,。]{{0,6}}(?:什么时候|啥时候|几点|几号|哪天|有没有|有哪些|在哪|怎么看|怎么参加|怎么提问|预告|安排|[吗嘛么]|$)"
)


def talks_asked_for(session: Session, text: str) -> Reply | None:
    """The list of talks, if the message asks for it and for nothing else."""
    plain = normalise(text)
    if len(plain) > LONGEST or "访谈" not in plain or not _ASKS_WHICH.search(plain):
        return None
    known = all_interviews(session)
    coming = [talk for talk in known if not talk.is_over]
    past = [talk for talk in known if talk.is_over and talk.closed_at and not talk.why]
    return talks(coming[:MOST], past[:MOST])
