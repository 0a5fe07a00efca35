"""An applicant takes back or supplements a request, after its query code was given (`bot/disclosures/errands.py`).

`errand_form` asks for the words and for the confirmation; what is begun is in the database, not in a slot.
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection
from sqlalchemy.orm import Session

from actions.disclosures import status_of
from actions.turn import Answer, CityAction, Turn, database, done_once
from bot.db import utcnow
from bot.disclosures import errands
from bot.disclosures.errands import LONGEST_WORDS, SHORTEST_WORDS, ErrandRefused
from bot.disclosures.models import Errand, Request
from bot.disclosures.service import assess
from bot.language.errands import ErrandKind, errand_in
from bot.language.text import normalise
from bot.language.triggers import EMERGENCY
from bot.referrals import service as routes
from bot.replies import errands as replies
from bot.workdays import today_in_china

# How a message answers the form. `ASK_AGAIN`: the form asks again, and the reply names the problem if there is one.
CONFIRMED, STOPPED, ASK_AGAIN, OTHER_BUSINESS = "confirmed", "stopped", "ask again", "other business"
NOT_CONFIRMED = "not_confirmed"

_END = r"(?:吧|了|啊|呀|[。.!！~])*"
_STOPS = re.compile(
    r"(?:先?不(?:撤回|撤|交|提交|补正|补|填|弄|了)|不用|不要|算|取消|停|退出|没事|再想想|下次再说)+" + _END
)
_CONFIRMS = re.compile(
    r"(?:是的?|对的?|好的?)?[,，]?(?:我?(?:确认|确定)(?:要)?(?:撤回|提交)?|撤回|提交|是的?|对的?|好的?|可以|没问题|行|ok|yes)"
    + _END
)
_REWRITES = re.compile(r"(?:重写|重新写|重填|改一?下?|要改|我?要?修改|不对|写错)" + _END)
_ASKS = re.compile(r".{0,20}(?:吗|么|多久|几天|怎么办|为什么|什么时候|什么意思|[?？])$")
_NEVER_AN_ANSWER = frozenset({"handoff", "ask_person"})


class ValidateErrandForm(Action):  # type: ignore[misc]
    """Takes the words or the confirmation, and rejects messages about something else."""

    def name(self) -> str:
        return "validate_errand_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        if "errand_answer" not in tracker.slots_to_validate():
            return []  # the form has only begun
        taken, problem = await asyncio.to_thread(_take, Turn.of(tracker))
        if taken == OTHER_BUSINESS:
            raise ActionExecutionRejection(self.name())
        return [
            SlotSet("errand_problem", problem),
            SlotSet("errand_answer", None if taken == ASK_AGAIN else taken),
        ]


class ActionAskErrandAnswer(CityAction):
    asks_for_form = True

    def name(self) -> str:
        return "action_ask_errand_answer"

    def answer(self, session: Session, turn: Turn) -> Answer:
        now = utcnow()
        errand = errands.under_way(session, turn.conversation, now)
        if errand is None:
            return Answer([replies.expired()])
        request, problem = session.get_one(Request, errand.receipt), turn.errand_problem
        if errand.kind == ErrandKind.WITHDRAW:
            return Answer([replies.ask_whether_to_withdraw(request)])
        if errand.words:
            return Answer([replies.confirm_words(request, errand.words, is_again=problem == NOT_CONFIRMED)])
        return Answer([replies.ask_for_words(request, assess(request, today_in_china(now)), problem)])


class ActionErrandDone(CityAction):
    """Runs when the form has ended, whether the applicant confirmed or not."""

    acts = True

    def name(self) -> str:
        return "action_errand_done"

    def answer(self, session: Session, turn: Turn) -> Answer:
        # A receipt that the citizen wrote in a supplement must not start a look-up.
        done: dict[str, Any] = {"errand_answer": None, "errand_problem": None, "receipt": None, "query_code": None}
        now = utcnow()
        errand = errands.under_way(session, turn.conversation, now)
        if errand is None:
            return Answer([replies.expired()], done)
        kind = ErrandKind(errand.kind)
        if turn.errand_answer != CONFIRMED:
            errands.drop(session, errand)
            return Answer([replies.stopped(kind, errand.receipt)], done)
        try:
            request = errands.do(session, errand, now)
        except ErrandRefused as refused:
            request = session.get_one(Request, errand.receipt)
            errands.drop(session, errand)
            return Answer([replies.refused(request, kind, refused.state), status_of(session, request, now)], done)
        if kind == ErrandKind.WITHDRAW:
            return Answer([replies.withdrawn(request)], done)
        return Answer([replies.supplemented(request, assess(request, today_in_china(now)))], done)


def _take(turn: Turn) -> tuple[str, str]:
    """The kind of the answer, and the problem with it. If the message is sent again, its words are stored once."""
    with database().transaction() as session:
        taken, problem = json.loads(done_once(session, turn, "errand_form", lambda: json.dumps(_taken(session, turn))))
        return taken, problem


def _taken(session: Session, turn: Turn) -> tuple[str, str]:
    plain = normalise(turn.text)
    if turn.is_pressed or turn.intent in _NEVER_AN_ANSWER or _is_emergency(session, turn):
        return OTHER_BUSINESS, ""
    errand = errands.under_way(session, turn.conversation, utcnow())
    if errand is None or _STOPS.fullmatch(plain):
        return STOPPED, ""
    waits_for_words = errand.kind == ErrandKind.SUPPLEMENT and not errand.words
    if not waits_for_words and _CONFIRMS.fullmatch(plain):
        return CONFIRMED, ""
    if _ASKS.fullmatch(plain) or (turn.receipt and not waits_for_words):
        return OTHER_BUSINESS, ""
    if wish := errand_in(plain):
        is_the_same = wish == errand.kind and not turn.receipt
        return (ASK_AGAIN if is_the_same else OTHER_BUSINESS), ""
    if waits_for_words:
        return ASK_AGAIN, _take_words(errand, turn.typed.strip())
    if errand.words and _REWRITES.fullmatch(plain):
        errand.words = ""
        return ASK_AGAIN, ""
    return (ASK_AGAIN, NOT_CONFIRMED) if errand.words else (OTHER_BUSINESS, "")


def _take_words(errand: Errand, words: str) -> str:
    """Keeps the words; returns the problem if they are too short or too long."""
    if not SHORTEST_WORDS <= len(words) <= LONGEST_WORDS:
        return "too_short" if len(words) < SHORTEST_WORDS else "too_long"
    errand.words = words
    return ""


def _is_emergency(session: Session, turn: Turn) -> bool:
    route = routes.get_route(session, turn.route) if turn.route else None
    return route is not None and route.category == EMERGENCY
