"""“更多”: the lines of the last answer that did not fit."""

from __future__ import annotations

import re
from dataclasses import replace

from sqlalchemy.orm import Session

from actions.answering import answer_question
from actions.memory import UnsaidLines
from actions.turn import Answer, CityAction, Turn
from bot.catalogue import service as catalogue
from bot.disclosures.kept_drafts import load_draft
from bot.replies import approvals, filing, joint_services
from bot.replies.reply import Reply
from bot.sealing import Sealer
from bot.settings import Settings

_MORE = r"更多|继续|还有|接着|往下|下面|下一|后面|剩|其他|其余|别的|完整|全部|说完|展开|多说|more"
_SAYS_MORE = re.compile(_MORE, re.IGNORECASE)
# Words that name no matter. “还有健康证” says “还有” and has more than these, so it asks about something else.
_NO_MATTER = re.compile(
    rf"{_MORE}|什么|哪些|材料|内容|条件|[吗呢吧啊的了么嘛下几条个点我给说讲看要再都有没请把您你也发余完还查显示页翻些嗯好一]|\W",
    re.IGNORECASE,
)


class ActionMore(CityAction):
    def name(self) -> str:
        return "action_more"

    def answer(self, session: Session, turn: Turn) -> Answer:
        if not turn.is_pressed and not _SAYS_MORE.search(turn.text):  # “户口本呢”
            return answer_question(session, turn)
        for number, waiting in enumerate(turn.more):
            reply = more_of(session, turn, waiting)
            if reply:
                left = [replace(waiting, lines=reply.rest)] if reply.rest else []
                return Answer([reply], {"more": [*left, *turn.more[number + 1 :]] or None})
        if not turn.is_pressed and _NO_MATTER.sub("", turn.text):
            return answer_question(session, turn)
        # “继续” may also mean the request that was being written.
        has_draft = load_draft(session, turn.conversation, Sealer.of(Settings.from_environment())) is not None
        return Answer([filing.waiting_draft() if has_draft else approvals.nothing_more()])


def more_of(session: Session, turn: Turn, waiting: UnsaidLines) -> Reply | None:
    """The next lines; None if the item is no longer in the catalogue."""
    joint = catalogue.get_joint_service(session, waiting.item)
    if joint:
        names = catalogue.names_of(session, joint.item_codes)
        return joint_services.more_of(joint, names, waiting.lines)
    item = catalogue.get_item(session, waiting.item)
    return approvals.more_of(item, waiting.facet or "overview", turn.chosen, waiting.lines) if item else None
