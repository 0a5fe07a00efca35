"""People, two items and messages to teach with."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from bot.catalogue.models import Department, Item, Office
from bot.conversations import service as conversations
from bot.conversations.models import Message
from bot.conversations.outcomes import Outcome
from bot.conversations.provenance import Provenance
from bot.lessons import service
from bot.lessons.labels import Label
from bot.lessons.models import Lesson
from bot.staff.models import Person
from tests.reviews.town import NOON, add_department

LOST_CARD = Label("ask_materials", ("GA-003",))
ITEMS = {"GA-003": "居民身份证补领", "GA-006": "居住证申领"}


def add_items(session: Session) -> None:
    department = add_department(session)
    office = Office(code="O1", name="大厅", address="云河路", hours="9:00-17:00", phone="0990-1", directions="")
    session.add(office)
    session.flush()
    session.add_all(_item(code, name, department, office) for code, name in ITEMS.items())
    session.flush()


def _item(code: str, name: str, department: Department, office: Office) -> Item:
    words = dict.fromkeys(
        ("kind", "applicant", "summary", "statutory_note", "fee", "fee_basis", "window", "channel", "online_note",
         "result", "result_validity", "delivery", "complaints_phone", "note"),
        "",
    )  # fmt: skip
    return Item(
        code=code,
        name=name,
        department_code=department.code,
        office_code=office.code,
        conditions=[],
        statutory_days=None,
        promised_days=0,
        has_fee=False,
        visit_count=1,
        recorded_on=date(2026, 1, 1),
        **words,
    )


def ask(
    session: Session, text: str, outcome: Outcome = Outcome.NOTHING_FOUND, conversation_id: str | None = None
) -> Message:
    """A citizen's message with this outcome, by default in a conversation of its own."""
    conversation_id = conversation_id or conversations.new_conversation_id()
    conversation = conversations.open_conversation(session, conversation_id, "portal", NOON)
    message = conversations.store_message(session, conversation, text, NOON)
    return conversations.store_answer(session, message.id, [], Provenance(outcome), NOON)


def teach(session: Session, text: str, label: Label, author: Person, reviewer: Person) -> Lesson:
    """An approved lesson."""
    lesson = service.propose(session, text, label, author, NOON)
    service.review(session, lesson, reviewer, NOON, approve=True)
    return lesson
