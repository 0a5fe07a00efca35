"""Whether a case is the citizen's: by its conversation, elsewhere by its number and the telephone left with it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from actions.turn import Turn
from bot.conversations.channels import SMS
from bot.disclosures import service as look_ups
from bot.disclosures.answers import Field, NotAnAnswer, read
from bot.helpline.subscribers import find_subscriber
from bot.language.case_numbers import find_case_number
from bot.language.text import normalise
from bot.reviews import own_case
from bot.reviews.models import Case
from bot.reviews.service import get_case
from bot.sealing import Sealer
from bot.settings import Settings


class Proof(NamedTuple):
    """`case` is set if number and telephone belong together; else `attempts_left` says how many tries are left."""

    number: str
    case: Case | None
    attempts_left: int


def contact_in(text: str) -> str | None:
    """The telephone number or mail address in `text`, in the form in which cases store contacts."""
    try:
        return read(Field.CONTACT, text, {})
    except NotAnAnswer:
        return None


def named_case(turn: Turn) -> str | None:
    """The number of a case in the message."""
    return find_case_number(normalise(turn.text))


def has_proof(turn: Turn) -> bool:
    """Whether number and telephone are in one message: “AJ-000012，13800138000，到哪了”."""
    return named_case(turn) is not None and contact_in(turn.text) is not None


def is_own(session: Session, turn: Turn, number: str) -> bool:
    """Whether the case of that number is known to be the citizen's, so that no telephone is asked for."""
    return number == turn.proven_case or _is_about(session, number, turn.conversation)


def case_meant(session: Session, turn: Turn) -> Case | None:
    """The case named, else that of the conversation, else the one proven before; never somebody else's."""
    named = named_case(turn)
    if named and is_own(session, turn, named):
        return get_case(session, named)
    own = own_case.told_case(session, turn.conversation)
    return own if own or turn.proven_case is None else get_case(session, turn.proven_case)


def prove(session: Session, turn: Turn, now: datetime) -> Proof:
    """Checks number and telephone. Tries count as with query codes; a missing case looks like a wrong telephone."""
    number = named_case(turn) or turn.case_number or ""
    if is_own(session, turn, number):
        return Proof(number, get_case(session, number), 0)
    if not look_ups.begin_attempt(session, number, turn.client, now):
        return Proof(number, None, 0)
    fits = _fits(session, number, contact_in(turn.text) or "")
    look_ups.record_attempt(session, number, turn.client, now, failed=not fits)
    left = look_ups.attempts_left(session, turn.client, now, number)
    return Proof(number, get_case(session, number) if fits else None, left)


def _fits(session: Session, number: str, contact: str) -> bool:
    """Whether `contact` was left with the case, or is the number from which the case came as a text."""
    sealer = Sealer.of(Settings.from_environment())
    subscriber = find_subscriber(session, sealer, SMS, contact)
    came_from_it = subscriber is not None and _is_about(session, number, subscriber.conversation_id)
    return came_from_it or own_case.is_proven_by(session, sealer, number, contact)


def _is_about(session: Session, number: str, conversation_id: str) -> bool:
    try:
        return own_case.is_of_conversation(session, get_case(session, number), conversation_id)
    except LookupError:
        return False
