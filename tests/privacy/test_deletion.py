"""“删除我的记录”: the data are gone from every table, except the records that the law keeps, which the answer names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, select

from bot.conversations import service as conversations
from bot.conversations import staff_messages
from bot.conversations.models import Conversation, Message, StaffMessage
from bot.conversations.outcomes import Outcome
from bot.conversations.provenance import Provenance
from bot.conversations.subjects import FilingDone, written
from bot.conversations.trackers import EVENTS
from bot.db import Database
from bot.disclosures.draft import Draft
from bot.disclosures.kept_drafts import keep_draft
from bot.disclosures.models import KeptDraft
from bot.helpline.models import Inbound, Outgoing, Subscriber
from bot.lessons.models import Lesson
from bot.privacy import deletion
from bot.privacy.models import Deletion
from bot.reviews.models import Case
from bot.reviews.states import CaseState
from bot.sealing import own_sealer
from bot.settings import Settings
from tests.databases import set_up
from tests.e2e.leaks import leaks_in_database, leaks_in_folder
from tests.helpline import town as texting
from tests.reviews.town import add_person, open_case

NOW = datetime(2026, 11, 27, 4, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
SAID = "阚鹤翎家的电梯"


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings.from_environment({"VAR_DIR": str(tmp_path), "DATABASE_URL": database_url})


def talk(database: Database, conversation_id: str = "c", outcome: Outcome = Outcome.SMALLTALK) -> int:
    with database.transaction() as session:
        conversation = conversations.open_conversation(session, conversation_id, "portal", NOW)
        message = conversations.store_message(session, conversation, SAID, NOW)
        replies = [{"text": SAID, "custom": written(FilingDone(9, 9, "XXGK-2026-000007"))}]
        conversations.store_answer(session, message.id, replies, Provenance(outcome), NOW)
        return message.id


def forget(database: Database, settings: Settings, conversation_id: str = "c") -> Deletion:
    with database.transaction() as session:
        receipt = deletion.ask(session, conversation_id, NOW).receipt
    deletion.do_what_waits(database, settings, LATER)
    with database.transaction() as session:
        return session.get_one(Deletion, receipt)


def test_nothing_is_left_of_a_conversation_and_others_stay(database: Database, settings: Settings) -> None:
    message_id = talk(database)
    talk(database, "other")
    with database.transaction() as session:
        keep_draft(session, "c", Draft(), own_sealer(), NOW)
        case = open_case(session, "c", NOW, text=SAID)
        case.state, case.closed_at, case.contact_sealed = CaseState.CLOSED, NOW, own_sealer().seal("13800138000")
        staff_messages.say(session, "c", case_id=case.id, by_name="张三", text=SAID, now=NOW)
        values = {"text": SAID, "intent": "x", "items": [], "facets": [], "state": "approved", "why": ""}
        author = add_person(session, "王敏")
        session.add(Lesson(message_id=message_id, author_id=author.id, at=NOW, should_be_refused=False, **values))
    done = forget(database, settings)
    assert (done.done_at, done.conversation_id, done.kept) == (LATER, None, [])
    with database.transaction() as session:
        assert session.scalars(select(Message.conversation_id)).all() == ["other"]
        assert session.get(Conversation, "c") is None
        assert [session.scalars(select(table)).first() for table in (KeptDraft, StaffMessage, Lesson)] == [None] * 3
        kept = session.scalars(select(Case)).one()
        assert (kept.number, kept.transcript, kept.searched_text, kept.contact_sealed) == ("AJ-000001", [], "", None)
        assert SAID not in kept.question
        session.delete(session.scalars(select(Message)).one())
    assert leaks_in_database(database, {SAID}) == {}


def test_it_waits_until_the_answer_that_names_the_receipt_is_stored(database: Database, settings: Settings) -> None:
    talk(database)
    with database.transaction() as session:
        conversation = session.get_one(Conversation, "c")
        waiting = conversations.store_message(session, conversation, "确认删除", NOW).id
        deletion.ask(session, "c", NOW)
    assert deletion.do_what_waits(database, settings, NOW) == []
    assert deletion.do_what_waits(database, settings, LATER) == []
    with database.transaction() as session:
        conversations.store_answer(session, waiting, [{"text": "好的"}], Provenance(Outcome.COMMAND), LATER)
    assert len(deletion.do_what_waits(database, settings, LATER)) == 1


def test_the_same_wish_twice_has_one_number(database: Database) -> None:
    talk(database)
    with database.transaction() as session:
        assert deletion.ask(session, "c", NOW).receipt == deletion.ask(session, "c", LATER).receipt


def test_what_the_law_keeps_is_named_with_its_article(database: Database, settings: Settings) -> None:
    talk(database, outcome=Outcome.FILED)
    with database.transaction() as session:
        number = open_case(session, "c", NOW).number
    filed, case = forget(database, settings).kept
    assert "XXGK-2026-000007" in filed
    assert "第四十五条" in filed
    assert number in case
    assert "第三十四条" in case


def test_an_open_case_is_emptied_once_it_is_closed(database: Database, settings: Settings) -> None:
    talk(database)
    with database.transaction() as session:
        open_case(session, "c", NOW, text=SAID)
    forget(database, settings)
    with database.transaction() as session:
        case = session.scalars(select(Case)).one()
        assert case.question == SAID
        case.state, case.closed_at = CaseState.CLOSED, LATER
    deletion.do_what_waits(database, settings, LATER)
    with database.transaction() as session:
        assert SAID not in session.scalars(select(Case)).one().question
        assert session.scalars(select(Deletion)).one().open_case_ids == []


def test_texts_go_once_the_last_one_is_out_and_the_number_stays_for_the_sake_of_its_wish(
    database: Database, settings: Settings
) -> None:
    with database.transaction() as session:
        texting.add_city(session)
        question, _ = texting.say(session, SAID, NOW)
        assert question
        deletion.ask(session, question.conversation_id, NOW)
    assert deletion.do_what_waits(database, settings, LATER) == []
    with database.transaction() as session:
        for outgoing in session.scalars(select(Outgoing)):
            outgoing.state = "sent"
    assert len(deletion.do_what_waits(database, settings, LATER)) == 1
    with database.transaction() as session:
        assert session.scalars(select(Outgoing)).first() is None
        assert session.scalars(select(Inbound)).first() is None
        assert session.scalars(select(Subscriber)).one().screens == []
        assert "退订" in session.scalars(select(Deletion)).one().kept[-1]


def test_rasas_own_record_of_it_goes_too(tmp_path: Path) -> None:
    settings = Settings.from_environment({"VAR_DIR": str(tmp_path)})

    database = Database(settings.database_url)
    set_up(database)
    talk(database)
    rasa = create_engine(f"sqlite:///{settings.trackers_path}")
    EVENTS.metadata.create_all(rasa)
    with rasa.begin() as connection:
        for sender in ("c", "other"):
            connection.execute(insert(EVENTS).values(sender_id=sender, timestamp=1.0, data=own_sealer().seal(SAID)))
    forget(database, settings)
    with rasa.connect() as connection:
        assert connection.scalars(select(EVENTS.c.sender_id)).all() == ["other"]
    rasa.dispose()
    database.close()
    assert leaks_in_folder(tmp_path, {SAID}, 0) == {}
