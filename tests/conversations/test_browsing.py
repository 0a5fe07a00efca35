from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from bot.conversations import service
from bot.conversations.browsing import Ending, Listed, Marked, Wanted, browse
from bot.conversations.marks import Mark, MarkRefused, mark_answer, marks_in
from bot.conversations.models import AnswerMark, Message
from bot.conversations.outcomes import Outcome
from bot.conversations.provenance import Provenance
from bot.conversations.subjects import OtherDoor, PolicyAnswer, QuotedSource, written
from bot.db import Database
from bot.privacy.retention import _forget_messages
from tests.reviews.town import NOON, add_person

DOOR = OtherDoor("LX-001", "0990-1", "")
LAW = QuotedSource("居住证暂行条例", None, None, "……", None, None, True)


def say(
    session: Session,
    conversation_id: str,
    text: str,
    outcome: Outcome = Outcome.ANSWERED_BY_RECORD,
    *,
    about: OtherDoor | PolicyAnswer | None = None,
    channel: str = "portal",
    minutes: int = 0,
) -> Message:
    at = NOON + timedelta(minutes=minutes)
    conversation = service.open_conversation(session, conversation_id, channel, at)
    message = service.store_message(session, conversation, text, at)
    reply = {"text": "好。", **({"custom": written(about)} if about else {})}
    how = Provenance(outcome, entities=(("item", "GA-003"),) if "身份证" in text else ())
    return service.store_answer(session, message.id, [reply], how, at)


def shown(session: Session, wanted: Wanted) -> list[str]:
    return [one.message.masked_text for one in browse(session, wanted)[0]]


@pytest.fixture
def talks(database: Database) -> Database:
    with database.transaction() as session:
        say(session, "c1", "身份证丢了", about=DOOR)
        say(session, "c2", "居住证多久签注", Outcome.ANSWERED_BY_PASSAGE, about=PolicyAnswer((LAW,), likely=True))
        say(session, "c3", "今天天气", Outcome.OUT_OF_SCOPE, channel="sms", minutes=60 * 24).stars = 1
        say(session, "c1", "转人工", Outcome.HANDED_OVER, minutes=60 * 25)
    return database


FILTERS = (
    (Wanted(), ["转人工", "今天天气", "居住证多久签注"]),
    (Wanted(text="丢了 身份证"), ["身份证丢了"]),
    (Wanted(text="%"), []),
    (Wanted(channel="sms"), ["今天天气"]),
    (Wanted(before=NOON + timedelta(hours=1)), ["居住证多久签注", "身份证丢了"]),
    (Wanted(since=NOON + timedelta(days=1)), ["转人工", "今天天气"]),
    (Wanted(ending=Ending.ANSWERED), ["身份证丢了"]),
    (Wanted(ending=Ending.LIKELY), ["居住证多久签注"]),
    (Wanted(ending=Ending.REFUSED), ["今天天气"]),
    (Wanted(ending=Ending.HANDED_OVER, channel="sms"), []),
    (Wanted(stars=1), ["今天天气"]),
    (Wanted(title="居住证暂行"), ["居住证多久签注"]),
    (Wanted(title="LX-001"), ["身份证丢了"]),
    (Wanted(title="补领", matters=("GA-003",)), ["身份证丢了"]),
    (Wanted(marked=Marked.USEFUL), []),
)


def test_a_conversation_is_listed_by_its_newest_message_that_fits(talks: Database) -> None:
    with talks.transaction() as session:
        for wanted, found in FILTERS:
            assert shown(session, wanted) == found, wanted


def test_the_list_goes_on_from_a_message_and_says_whether_there_is_more(talks: Database) -> None:
    with talks.transaction() as session:
        (first, second), has_more = browse(session, Wanted(), count=2)
        assert has_more
        assert (first.turn_count, first.endings) == (2, {Ending.ANSWERED: 1, Ending.HANDED_OVER: 1})
        assert second.worst_stars == 1
        (third,), has_more = browse(session, Wanted(), older_than=second.message.id, count=2)
        assert (third.message.masked_text, has_more) == ("居住证多久签注", False)


def test_a_mark_replaces_the_one_before_and_outlives_the_message(talks: Database) -> None:
    with talks.transaction() as session:
        reviewer = add_person(session, "王芳")
        (listed,), _ = browse(session, Wanted(text="丢了"))
        number = listed.message.id
        for mark in (Mark.USEFUL, Mark.WRONG):
            mark_answer(session, number, mark, reviewer.id, NOON)
        assert {one: mark.mark for one, mark in marks_in(session, "c1").items()} == {number: Mark.WRONG}
        assert shown(session, Wanted(marked=Marked.USELESS)) == ["身份证丢了"]
        assert shown(session, Wanted(marked=Marked.NOT_YET)) == ["转人工", "今天天气", "居住证多久签注"]
        assert _marks(browse(session, Wanted(text="丢了"))[0]) == [{Mark.WRONG: 1}]
        _forget_messages(session, [number])
        session.expire_all()
        (kept,) = session.query(AnswerMark).all()
        assert (kept.message_id, kept.mark, kept.matter) == (None, Mark.WRONG, "LX-001")


def test_what_a_person_answered_is_not_marked(talks: Database) -> None:
    with talks.transaction() as session:
        message = say(session, "c4", "在吗", Outcome.WITH_PERSON)
        for number in (message.id, 999):
            with pytest.raises(MarkRefused):
                mark_answer(session, number, Mark.USEFUL, 1, NOON)


def _marks(found: list[Listed]) -> list[dict[str, int]]:
    return [one.marks for one in found]
