"""Filing a disclosure request: a form that asks for whatever its draft still lacks (`bot/disclosures/draft.py`)."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection
from sqlalchemy.orm import Session

from actions.memory import FilingTalk, in_slot
from actions.turn import Answer, CityAction, Turn, database, done_once
from bot.catalogue import service as catalogue
from bot.catalogue.departments import all_departments, suggest_departments
from bot.catalogue.models import Department
from bot.conversations.channels import TEXT_CHANNELS
from bot.db import utcnow
from bot.disclosures import service as disclosures
from bot.disclosures.answers import Field
from bot.disclosures.draft import Advance, Draft, Said, advance
from bot.disclosures.filing import earlier_alike, file_request
from bot.disclosures.first_words import first_words
from bot.disclosures.kept_drafts import drop_draft, keep_draft, load_draft
from bot.documents import service as documents
from bot.language.facets import ITEM_INTENTS
from bot.language.triggers import EMERGENCY
from bot.referrals import service as routes
from bot.referrals.models import Route
from bot.replies import filing as replies
from bot.replies.reply import Reply
from bot.sealing import Sealer
from bot.settings import Settings
from bot.workdays import today_in_china

COMPLAINTS, REGISTERS = "信访投诉举报", "登记簿查询"
# Confidence from which a question interrupts the form.
_SURE = 0.5
_SETTLED = 1.0
# A message of at most this length is a question only if it has a question word: “就不给” is none.
_SHORT = 4
_ASKS_SHORTLY = re.compile(r"[吗么呢谁几哪怎?？]|多少|多久|人工")
_ABOUT_RECORDS = ("delete_records", "confirm_deletion")
# Questions that the form lets through; they are answered, and the form goes on.
_QUESTIONS = ITEM_INTENTS | {
    "ask_policy", "ask_disclosure_status", "ask_joint_service", "handoff", "who_are_you", "feedback_wrong",
    "ask_receipt_number",
    *_ABOUT_RECORDS,
}  # fmt: skip
_ASKS = r"(?:吗|么|多久|几天|怎么办|为什么|什么时候|[?？])$"
_ABOUT_FILING = re.compile(rf"(?=.*(?:申请|公开|答复|收费|要钱|花钱|补正|复议)).{{0,20}}{_ASKS}")


class ValidateFilingForm(FormValidationAction):  # type: ignore[misc]
    """Takes each message into the draft; rejects a message that is not an answer but a new question."""

    def name(self) -> str:
        return "validate_filing_form"

    async def validate_filing_answer(
        self, value: str, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        taken = await asyncio.to_thread(_take, Turn.of(tracker))
        if taken is None:
            raise ActionExecutionRejection(self.name())
        said, problem, skipped = taken
        is_over = said in (Said.CONFIRMED, Said.STOPPED, Said.DISCARDED)
        return {
            "filing": in_slot(FilingTalk(said, problem, skipped)),
            "filing_answer": said.value if is_over else None,
        }


class ActionAskFilingAnswer(CityAction):
    asks_for_form = True
    acts = True

    def name(self) -> str:
        return "action_ask_filing_answer"

    def answer(self, session: Session, turn: Turn) -> Answer:
        departments = {department.code: department for department in all_departments(session)}
        draft = load_draft(session, turn.conversation, _sealer())
        if draft is None:
            return Answer([_begin(session, turn, departments)])
        if turn.filing is None:
            return Answer([replies.begin(draft, departments)])
        said = turn.filing.said
        if said == Said.INTERRUPTED:
            return Answer([replies.go_on(draft, departments)])
        if said == Said.SKIPPED and turn.filing.skipped:
            return Answer([replies.skipped(draft, departments, turn.filing.skipped)])
        if said == Said.NOT_UNDERSTOOD:
            return Answer([replies.not_understood(draft, turn.filing.problem, departments)])
        if said == Said.ASKED_FOR_HELP:
            return Answer([replies.help_with(draft, departments)])
        route = routes.get_route(session, turn.route) if turn.route else None
        if draft.doubted and route:
            return Answer([replies.reads_like_a_complaint(draft, route)])
        return Answer([replies.ask(draft, departments, _notice(session, draft, route, said))])


class ActionFilingDone(CityAction):
    """Runs when the form has ended, whether the applicant confirmed the request or not."""

    acts = True

    def name(self) -> str:
        return "action_filing_done"

    def answer(self, session: Session, turn: Turn) -> Answer:
        done = {"filing": None, "filing_answer": None}
        said = turn.filing.said if turn.filing else Said.STOPPED
        draft = load_draft(session, turn.conversation, _sealer())
        if said not in (Said.CONFIRMED, Said.DISCARDED) or draft is None:
            return Answer([replies.stopped()], done)
        drop_draft(session, turn.conversation)
        if said == Said.DISCARDED:
            return Answer([replies.discarded()], done)
        now = utcnow()
        is_by_text = turn.channel in TEXT_CHANNELS
        filed = file_request(session, draft, _sealer(), now, turn.conversation if is_by_text else None)
        receipt = replies.filed(
            draft,
            filed,
            disclosures.assess(filed.request, today_in_china(now)),
            catalogue.get_city(session).hotline,
            with_code=not is_by_text,
        )
        return Answer([receipt], {**done, "filed_receipts": [*turn.filed_receipts, filed.request.receipt]})


class ActionTellReceipt(CityAction):
    """Tells only receipts of this conversation. For others the citizen must prove who they are."""

    def name(self) -> str:
        return "action_tell_receipt"

    def answer(self, session: Session, turn: Turn) -> Answer:
        return Answer([replies.receipt_again(turn.filed_receipts, catalogue.get_city(session).hotline)])


class ActionForgottenCode(CityAction):
    def name(self) -> str:
        return "action_forgotten_code"

    def answer(self, session: Session, turn: Turn) -> Answer:
        return Answer([replies.forgotten_code(catalogue.get_city(session).hotline)])


def _begin(session: Session, turn: Turn, departments: Mapping[str, Department]) -> Reply:
    """Begins a draft. Details that the first message already gives are kept and not asked for again."""
    answers = {} if turn.is_pressed else first_words(turn.text, list(departments.values()))
    if not answers:
        return replies.begin(Draft(), departments)
    draft = replace(Draft(answers), asked=Draft(answers).missing)
    route = routes.get_route(session, turn.route) if turn.route else None
    draft = _looked_up(session, turn, Advance(Said.ANSWERED, draft), route)
    keep_draft(session, turn.conversation, draft, _sealer(), utcnow())
    if draft.doubted and route:
        return replies.reads_like_a_complaint(draft, route)
    return replies.begun_with(draft, departments)


def _take(turn: Turn) -> tuple[Said, str, Field | None] | None:
    """Takes the message into the draft and stores the draft.

    Returns what the message did, the problem and the field skipped; None if the message is not for the form. If the
    same message is sent again, it does not answer the next question too.
    """
    if turn.is_pressed and turn.intent != "file_disclosure":
        return None
    with database().transaction() as session:
        taken = json.loads(done_once(session, turn, "filing_form", lambda: json.dumps(_take_into_draft(session, turn))))
        return (Said(taken[0]), taken[1], Field(taken[2]) if taken[2] else None) if taken else None


def _take_into_draft(session: Session, turn: Turn) -> tuple[Said, str, Field | None] | None:
    route = routes.get_route(session, turn.route) if turn.route else None
    if route and route.category == EMERGENCY:
        return None
    if turn.is_pressed:  # “接着填申请”
        return Said.CHANGING, "", None
    draft = load_draft(session, turn.conversation, _sealer()) or Draft()
    taken = advance(draft, turn.text, all_departments(session))
    if _is_for_somebody_else(turn, draft, taken):
        return None
    if draft.asked == Field.INFORMATION and taken.said in (Said.ANSWERED, Said.INSISTED):
        taken = replace(taken, draft=_looked_up(session, turn, taken, route))
    keep_draft(session, turn.conversation, taken.draft, _sealer(), utcnow())
    return taken.said, taken.problem, taken.skipped


def _is_for_somebody_else(turn: Turn, draft: Draft, taken: Advance) -> bool:
    if turn.intent not in _QUESTIONS or turn.confidence < _SURE:
        return False
    if turn.intent in _ABOUT_RECORDS:
        return turn.confidence >= _SETTLED  # found by a pattern; the classifier finds it in “确认提交” too
    if taken.said == Said.ANSWERED and draft.asked == Field.INFORMATION:
        return bool(_ABOUT_FILING.match(turn.text)) or (turn.intent == "handoff" and len(turn.text) <= 10)
    return taken.said == Said.NOT_UNDERSTOOD and (len(turn.text) > _SHORT or bool(_ASKS_SHORTLY.search(turn.text)))


def _looked_up(session: Session, turn: Turn, taken: Advance, route: Route | None) -> Draft:
    """The draft with the departments that its description suggests; without a description that is like a complaint."""
    description = taken.draft.answers[Field.INFORMATION]
    if route and route.category == COMPLAINTS and taken.said != Said.INSISTED:
        answers = dict(taken.draft.answers)
        del answers[Field.INFORMATION]
        return replace(taken.draft, answers=answers, asked=Field.INFORMATION, doubted=description)
    offered = [department.code for department in suggest_departments(session, description, turn.items)]
    return replace(taken.draft, offered=tuple(offered))


def _notice(session: Session, draft: Draft, route: Route | None, said: Said) -> str:
    if said == Said.ANSWERED and draft.asked == Field.DEPARTMENT:
        description = draft.answers[Field.INFORMATION]
        published = documents.alike(session, description)
        notices = [replies.already_published(published)] if published else []
        notices += [replies.register_instead(route)] if route and route.category == REGISTERS else []
        return "\n".join(notices)
    if draft.asked is None:
        earlier = earlier_alike(session, draft, _sealer())
        return replies.asked_before(earlier) if earlier else ""
    return ""


def _sealer() -> Sealer:
    return Sealer.of(Settings.from_environment())
