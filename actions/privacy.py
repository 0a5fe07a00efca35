"""“删除我的记录”: deletes what the law allows to delete of a conversation, once the citizen has confirmed it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from actions.turn import Answer, CityAction, Turn
from bot.db import utcnow
from bot.privacy import deletion
from bot.replies import privacy as replies


class ActionAskDeletion(CityAction):
    def name(self) -> str:
        return "action_ask_deletion"

    def answer(self, session: Session, turn: Turn) -> Answer:
        return Answer([replies.ask_to_confirm(deletion.what_stays(session, turn.conversation))])


class ActionDelete(CityAction):
    """Deletes only right after the question; without the question before it, the citizen is asked to confirm first."""

    def name(self) -> str:
        return "action_delete"

    def answer(self, session: Session, turn: Turn) -> Answer:
        if turn.awaited != replies.AWAITS:
            return Answer([replies.ask_to_confirm(deletion.what_stays(session, turn.conversation))])
        asked = deletion.ask(session, turn.conversation, utcnow())
        return Answer([replies.taken_down(asked.receipt, asked.kept)])
