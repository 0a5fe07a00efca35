"""A console to teach in: people of each role, two items, questions that nobody answered, models."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.conversations import service as conversations
from bot.conversations.models import Message
from bot.conversations.outcomes import Outcome
from bot.conversations.provenance import Provenance
from bot.db import Database, utcnow
from bot.evaluation.cases import MessageCase
from bot.evaluation.scoring import Judged
from bot.running.live_model import live_model, model_path, set_live_model
from bot.settings import Settings
from bot.staff import accounts
from bot.staff.roles import Role
from bot.training import report, service
from bot.training.measuring import Measured
from bot.training.models import Training
from bot.training.service import TrainingState, training_dir
from tests.lessons.classroom import add_items
from tests.web.console import PASSWORD

LOST = ("身份证丢了要拿什么来补", "补身份证要拿什么", "身份证丢了补要拿什么")
CASE = MessageCase("身份证补领带什么", "item", ("GA-003",), ("materials",), "test")


def fill_school(database: Database) -> None:
    """The login of each person is the role."""
    with database.transaction() as session:
        add_items(session)
        for role in Role:
            accounts.add_person(
                session,
                login=role.value,
                name=role.value,
                role=role,
                department_code="GA" if role == Role.DEPARTMENT else None,
                password=PASSWORD,
                who="terminal:root",
                now=utcnow(),
            )


def ask(session: Session, text: str) -> Message:
    """A question that was not answered just now."""
    now = utcnow()
    conversation = conversations.open_conversation(session, conversations.new_conversation_id(), "portal", now)
    message = conversations.store_message(session, conversation, text, now)
    how = Provenance(Outcome.NOTHING_FOUND, "ask_policy", 0.41)
    return conversations.store_answer(session, message.id, [{"text": "没有找到。"}], how, now)


def ship(settings: Settings) -> None:
    """The model that ships is live."""
    settings.models_dir.mkdir(parents=True, exist_ok=True)
    model_path(settings, "shipped").touch()
    set_live_model(settings, "shipped", None, "base", "prepare", utcnow())


def measured(model: str, share: float, *, is_right: bool) -> Measured:
    """Measured figures that are all equal, with one message that the model answered rightly or not at all."""
    judged = Judged(CASE, "item", ("GA-003",), "materials", "ask_materials")
    nothing = Judged(CASE, "nothing_found", (), None, "ask_policy")
    figures = {"item_right": share, "wrong_item": 0.0, "conversations_right": share}
    return Measured(model, figures, [judged if is_right else nothing], {}, 1, [])


def passed(session: Session, settings: Settings, model: str = "taught") -> Training:
    """A training that waits for consent, with its report."""
    training = service.request_training(session, settings, "supervisor", utcnow())
    live = live_model(settings)
    assert live is not None
    training.model, training.base, training.former_model = model, "base", live.model
    model_path(settings, model).touch()
    before, after = measured(live.model, 0.95, is_right=False), measured(model, 0.96, is_right=True)
    path = report.write(training_dir(settings, training.id), before, after, [], with_pictures=False)
    training.report_path = str(path)
    service.end(session, training, TrainingState.WAITING_FOR_CONSENT, utcnow())
    return training
