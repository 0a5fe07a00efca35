"""Records past their time are deleted, records still needed stay, and the trial run changes nothing."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, insert, select
from sqlalchemy.orm import Session

from bot.citizens import service as citizens
from bot.citizens.service import MatterKind
from bot.conversations import service as conversations
from bot.conversations import staff_messages
from bot.conversations.holding import hold
from bot.conversations.models import Conversation, Message
from bot.conversations.trackers import EVENTS
from bot.db import Base, Database
from bot.disclosures.draft import Draft
from bot.disclosures.kept_drafts import keep_draft
from bot.disclosures.models import KeptDraft
from bot.helpline.models import Consent, Inbound, Outgoing, Subscriber
from bot.lessons.models import Lesson
from bot.privacy import retention
from bot.privacy.kinds import KEPT, Kind, days_kept
from bot.privacy.models import RetentionRun
from bot.publishing import corrections
from bot.publishing.corrections import CorrectionForm
from bot.reviews.models import Case, CaseEvent
from bot.reviews.states import CaseState
from bot.sealing import own_sealer
from bot.settings import Settings, SettingsError
from bot.staff import audit
from bot.staff.models import AuditEntry
from tests.helpline import town as texting
from tests.publishing.organs import add_organs
from tests.reviews.town import add_person, open_case

NOW = datetime(2031, 3, 2, 4, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings.from_environment({"VAR_DIR": str(tmp_path / "var"), "DATABASE_URL": database_url})


def ago(kind: Kind, more: int = 1) -> datetime:
    return NOW - timedelta(days=KEPT[kind].days + more)


def count(database: Database, table: type[Base]) -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def say(database: Database, conversation_id: str, at: datetime) -> int:
    with database.transaction() as session:
        conversation = conversations.open_conversation(session, conversation_id, "portal", at)
        return conversations.store_message(session, conversation, "居住证怎么办", at).id


def add_old(database: Database, settings: Settings) -> None:
    """One of each kind that is too old, and one that is not."""
    for number, at in enumerate((ago(Kind.MESSAGES), NOW - timedelta(days=1))):
        say(database, f"c{number}", at)
    with database.transaction() as session:
        for number, kind_ago in enumerate((ago(Kind.DRAFTS), NOW)):
            keep_draft(session, f"d{number}", Draft(), own_sealer(), kind_ago)
        for number, closed_at in enumerate((ago(Kind.CASES), NOW, None)):
            case = open_case(session, f"case{number}", ago(Kind.CASES, 30))
            case.closed_at, case.state = closed_at, CaseState.CLOSED if closed_at else case.state
            staff_messages.say(
                session, f"case{number}", case_id=case.id, by_name="张三", text="好", now=ago(Kind.CASES, 20)
            )
        texting.add_city(session)
        add_corrections(session)
        add_matters(session)
        texting.say(session, "你好", ago(Kind.TEXTS), user="13800138001")
        texting.say(session, "你好", NOW, user="13800138002")
        for outgoing in session.scalars(select(Outgoing)):
            outgoing.state = "delivered"
        audit.record(session, who="a", action="unmask", subject="x", why="", at=datetime(2020, 1, 1, tzinfo=UTC))
        audit.record(session, who="a", action="unmask", subject="y", why="", at=NOW)
    for folder, name, kind in (
        (settings.models_dir, "old.tar.gz", Kind.MODELS),
        (_lessons(settings), "old.yml", Kind.EXPORTS),
    ):
        folder.mkdir(parents=True, exist_ok=True)
        for path, at in ((folder / name, ago(kind)), (folder / f"new-{name}", NOW)):
            path.touch()
            os.utime(path, (at.timestamp(), at.timestamp()))
    if settings.database_url.startswith("sqlite"):
        add_tracker_events(settings)


def add_corrections(session: Session) -> None:
    add_organs(session)
    for decided_on in (ago(Kind.CORRECTIONS).date(), NOW.date(), None):
        asked = CorrectionForm("GA", "名单", "写错了", "户口簿", "王小明", "13900138000")
        request = corrections.ask(session, asked, own_sealer(), ago(Kind.CORRECTIONS, 20)).request
        request.decided_on = decided_on


def add_matters(session: Session) -> None:
    for number, added_at in (("AJ-000001", ago(Kind.MATTERS)), ("AJ-000002", NOW)):
        citizens.add_matter(session, "subject", MatterKind.CASE, number, added_at)


def _lessons(settings: Settings) -> Path:
    return settings.var_dir / "lessons"


def add_tracker_events(settings: Settings) -> None:
    rasa = create_engine(f"sqlite:///{settings.trackers_path}")
    EVENTS.metadata.create_all(rasa)
    with rasa.begin() as connection:
        for at in (ago(Kind.TRACKERS), NOW):
            connection.execute(insert(EVENTS).values(sender_id="c", timestamp=at.timestamp(), data="{}"))
    rasa.dispose()


def test_what_is_too_old_goes_and_all_else_stays(database: Database, settings: Settings) -> None:
    add_old(database, settings)
    of_trial = retention.sweep(database, settings, NOW, is_trial=True)
    assert count(database, Message) == 4
    done = retention.sweep(database, settings, NOW)
    has_trackers = settings.trackers_path.exists()
    # Once its messages are gone, a conversation and a number go too, which the trial does not see yet.
    assert done[Kind.MESSAGES] == of_trial[Kind.MESSAGES] + 2
    assert {kind: n for kind, n in done.items() if kind not in (Kind.MESSAGES, Kind.TEXTS)} == {
        Kind.DRAFTS: 1,
        Kind.CASES: 1,
        Kind.CORRECTIONS: 1,
        Kind.MATTERS: 1,
        Kind.QUESTIONS: 0,  # see tests/interviews
        Kind.MODELS: 1,
        Kind.EXPORTS: 1,
        Kind.AUDIT: 1,
        Kind.TRACKERS: 1 if has_trackers else 0,
    }
    with database.transaction() as session:
        assert session.scalars(
            select(Message.conversation_id).where(Message.conversation_id.in_(["c0", "c1"]))
        ).all() == ["c1"]
        assert session.get(Conversation, "c0") is None
        assert session.scalars(select(KeptDraft.conversation_id)).all() == ["d1"]
        assert session.scalars(select(Case.conversation_id).order_by(Case.id)).all() == ["case1", "case2"]
        assert session.scalars(select(AuditEntry.subject)).all() == ["y"]
        assert len(session.scalars(select(Subscriber)).all()) == 1
    assert [path.name for path in settings.models_dir.iterdir()] == ["new-old.tar.gz"]
    assert [path.name for path in _lessons(settings).iterdir()] == ["new-old.yml"]
    assert set(retention.sweep(database, settings, NOW).values()) == {0}


def test_a_lesson_outlives_the_message_that_it_came_of(database: Database, settings: Settings) -> None:
    message_id = say(database, "c", ago(Kind.MESSAGES))
    with database.transaction() as session:
        author = add_person(session, "王敏")
        values = {"text": "居住证怎么办", "intent": "ask_overview", "items": [], "facets": [], "state": "approved"}
        session.add(
            Lesson(message_id=message_id, author_id=author.id, at=NOW, why="", should_be_refused=False, **values)
        )
    retention.sweep(database, settings, NOW)
    with database.transaction() as session:
        assert [(lesson.text, lesson.message_id) for lesson in session.scalars(select(Lesson))] == [
            ("居住证怎么办", None)
        ]


def test_what_a_person_answers_in_stays_however_old(database: Database, settings: Settings) -> None:
    say(database, "c", ago(Kind.MESSAGES))
    with database.transaction() as session:
        hold(session, "c", open_case(session, "c", ago(Kind.MESSAGES)).id)
    retention.sweep(database, settings, NOW)
    assert count(database, Message) == 1


def test_who_unsubscribed_is_remembered(database: Database, settings: Settings) -> None:
    with database.transaction() as session:
        texting.add_city(session)
        texting.say(session, "你好", ago(Kind.TEXTS))
        subscriber = session.scalars(select(Subscriber)).one()
        subscriber.unsubscribed_at = ago(Kind.TEXTS)
        for outgoing in session.scalars(select(Outgoing)):
            outgoing.state = "delivered"
    retention.sweep(database, settings, NOW)
    assert [count(database, table) for table in (Inbound, Outgoing, Subscriber)] == [0, 0, 1]
    assert count(database, Consent) > 0


def test_it_is_done_once_a_day_by_whichever_process_and_told_in_the_audit_log(
    database: Database, settings: Settings
) -> None:
    say(database, "c", ago(Kind.MESSAGES))
    assert retention.sweep_once_a_day(database, settings, NOW) is not None
    assert retention.sweep_once_a_day(database, settings, NOW + timedelta(hours=1)) is None
    with database.transaction() as session:
        assert session.scalars(select(RetentionRun)).one().deleted["messages"] == 2
        assert session.scalars(select(AuditEntry.why)).one() == "对话 2"
    assert retention.sweep_once_a_day(database, settings, NOW + timedelta(days=1)) is not None
    assert count(database, CaseEvent) == 0


def test_a_city_sets_its_own_days(tmp_path: Path) -> None:
    (tmp_path / "days.yml").write_text("messages: 365\n")
    settings = Settings.from_environment({"RETENTION_FILE": str(tmp_path / "days.yml")})
    days = days_kept(settings)
    assert (days[Kind.MESSAGES], days[Kind.DRAFTS]) == (365, KEPT[Kind.DRAFTS].days)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("mesages: 5", "mesages"),
        ("messages: soon", "messages"),
        ("audit: 30", "audit"),
        ("- x", "lines"),
        ("{", "read"),
    ],
)
def test_days_that_cannot_be_are_refused_by_name(tmp_path: Path, content: str, named: str) -> None:
    (tmp_path / "days.yml").write_text(content)
    with pytest.raises(SettingsError, match=named):
        days_kept(Settings.from_environment({"RETENTION_FILE": str(tmp_path / "days.yml")}))


def test_the_model_that_answers_and_the_one_before_it_stay_however_old(database: Database, settings: Settings) -> None:
    settings.models_dir.mkdir(parents=True)
    live = {"model": "live", "lessons": None, "base": "b", "by": "prepare", "at": "2020"}
    (settings.var_dir / "live_model.json").write_text(json.dumps(live))
    for name in ("live", "other"):
        path = settings.models_dir / f"{name}.tar.gz"
        path.touch()
        os.utime(path, (0, 0))
    retention.sweep(database, settings, NOW)
    assert [path.name for path in settings.models_dir.iterdir()] == ["live.tar.gz"]
