"""Two processes act at the same instant, on PostgreSQL: one is first, and the other sees its result."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from bot.conversations.channels import SMS
from bot.db import Database, locked
from bot.helpline import answers, desk, inbox, nonces, outbox, screens, staff_lines, subscribers
from bot.helpline.models import Inbound, Outgoing, Subscriber
from bot.helpline.outbox import OutgoingState
from bot.helpline.texts import Arrived, DeliveryReport, TextPart
from bot.replies.plain_text import Screen
from bot.reviews import handling
from bot.staff.models import AuditEntry
from tests.databases import set_up
from tests.helpline.town import NUMBER, QUIET, SEALER, add_city, arrive, minutes, say
from tests.patience import WITHIN_SECONDS
from tests.reviews.town import NOON, add_person, open_case

_Result = TypeVar("_Result")


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Database]:
    opened = Database(postgresql_url)
    set_up(opened)
    yield opened
    opened.close()


def meanwhile(
    database: Database, first: Callable[[Session], object], second: Callable[[Session], _Result]
) -> Future[_Result]:
    """The result of `second`, which begins after `first` has written and before `first` is committed."""

    def run() -> _Result:
        with database.transaction() as session:
            return second(session)

    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            first(session)
            session.flush()
            running = pool.submit(run)
            wait_until_it_waits(database, running)
        running.exception(WITHIN_SECONDS)
        return running


def wait_until_it_waits(database: Database, running: Future[_Result]) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    until = time.monotonic() + WITHIN_SECONDS
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not running.done() and not connection.scalar(waiting):
            assert time.monotonic() < until


def texter(session: Session) -> Subscriber:
    add_city(session)
    say(session, "居住证怎么办")
    return session.scalars(select(Subscriber)).one()


def write(session: Session, subscriber: Subscriber, text: str) -> None:
    person = add_person(session, "李四")
    case = open_case(session, subscriber.conversation_id)
    handling.claim(session, case, person, NOON)
    handling.reply(session, case, person, NOON, text, is_final=True)


def put_into_outbox(database: Database) -> int:
    with database.transaction() as session:
        return outbox.put(session, texter(session), "答", NOON).id


def the_line(database: Database) -> staff_lines.StaffLine:
    """A person's answer to a texting citizen, which both processes have found and neither has put into the outbox."""
    with database.transaction() as session:
        write(session, texter(session), "可以办。")
    with database.transaction() as session:
        (line,) = staff_lines.not_collected(session, SEALER, NOON, ["sms"])
    return line


def test_a_line_that_two_collect_goes_out_once(database: Database) -> None:
    line = the_line(database)

    def collect(session: Session) -> None:
        staff_lines.collect(session, SEALER, QUIET, line, NOON)

    meanwhile(database, collect, collect).result()
    with database.transaction() as session:
        assert session.scalar(select(func.count()).where(Outgoing.staff_message_id.is_not(None))) == 1


def test_collecting_forgets_nothing_that_the_citizen_is_shown_meanwhile(database: Database) -> None:
    line = the_line(database)

    def collect(session: Session) -> None:
        staff_lines.collect(session, SEALER, QUIET, line, NOON)

    def answer(session: Session) -> None:
        screens.show(session.scalars(select(Subscriber)).one(), Screen(("到派出所办。",), ()))

    meanwhile(database, answer, collect).result()
    with database.transaction() as session:
        shown = [screen["pages"][0] for screen in session.scalars(select(Subscriber)).one().screens]
    assert shown[-2] == "到派出所办。"
    assert "可以办" in shown[-1]


def test_of_two_who_send_a_text_again_one_does(database: Database) -> None:
    outgoing_id = put_into_outbox(database)
    with database.transaction() as session:
        outbox.mark_sent(session, session.get_one(Outgoing, outgoing_id), "c-1", NOON)
        outbox.note_report(session, SMS, DeliveryReport("c-1", False, "phone off"), NOON)
    keys = []

    def send_again(session: Session) -> None:
        desk.send_again(session, SEALER, outgoing_id, who="zhuguan", now=NOON)
        keys.append(session.get_one(Outgoing, outgoing_id).key)

    with pytest.raises(desk.DeskRefused):
        meanwhile(database, send_again, send_again).result()
    with database.transaction() as session:
        assert [session.get_one(Outgoing, outgoing_id).key] == keys
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 1


def test_of_two_who_send_all_again_one_does(database: Database) -> None:
    outgoing_id = put_into_outbox(database)
    with database.transaction() as session:
        outbox.give_up(session.get_one(Outgoing, outgoing_id), "status 400", NOON)

    def send_all_again(session: Session) -> str:
        return desk.send_all_again(session, SEALER, outgoing_id, who="zhuguan", now=NOON)

    with pytest.raises(desk.DeskRefused):
        meanwhile(database, send_all_again, send_all_again).result()


def test_of_two_who_have_a_text_answered_again_one_does(database: Database) -> None:
    with database.transaction() as session:
        inbound_id = arrive(session, "你好").inbound_id
        session.get_one(Inbound, inbound_id).state = inbox.InboundState.FAILED

    def answer_again(session: Session) -> None:
        desk.answer_again(session, SEALER, inbound_id, who="zhuguan", now=NOON)

    with pytest.raises(desk.DeskRefused):
        meanwhile(database, answer_again, answer_again).result()


def test_a_report_that_comes_with_the_carriers_answer_stands(database: Database) -> None:
    outgoing_id = put_into_outbox(database)

    def report(session: Session) -> bool:
        key = session.get_one(Outgoing, outgoing_id).key
        return outbox.note_report(session, SMS, DeliveryReport(key, True), NOON)

    def note(session: Session) -> None:
        outgoing = locked(session, Outgoing, outgoing_id)
        assert outgoing is not None
        outbox.mark_sent(session, outgoing, "c-1", NOON)

    meanwhile(database, report, note).result()
    with database.transaction() as session:
        outgoing = session.get_one(Outgoing, outgoing_id)
        assert (outgoing.state, outgoing.gateway_id) == (OutgoingState.DELIVERED, "c-1")


def test_of_two_requests_with_one_nonce_one_is_new(database: Database) -> None:
    def is_new(session: Session) -> bool:
        return nonces.is_new(session, "sms:1", NOON)

    assert not meanwhile(database, is_new, is_new).result()


def test_a_nonce_is_new_if_the_request_that_brought_it_came_to_nothing(database: Database) -> None:
    def is_new(session: Session) -> bool:
        return nonces.is_new(session, "sms:1", NOON)

    def comes_to_nothing(session: Session) -> None:
        is_new(session)
        session.flush()
        running.append(pool.submit(in_another))
        wait_until_it_waits(database, running[0])
        raise ZeroDivisionError

    def in_another() -> bool:
        with database.transaction() as session:
            return is_new(session)

    running: list[Future[bool]] = []
    with ThreadPoolExecutor(1) as pool:
        with pytest.raises(ZeroDivisionError), database.transaction() as session:
            comes_to_nothing(session)
        assert running[0].result(WITHIN_SECONDS)


def test_a_citizen_whom_two_meet_at_once_is_one(database: Database) -> None:
    def meet(session: Session) -> str:
        return subscribers.subscriber_of(session, SEALER, SMS, NUMBER).conversation_id

    conversation = meanwhile(database, meet, meet).result()
    with database.transaction() as session:
        assert session.scalars(select(Subscriber.conversation_id)).all() == [conversation]


def test_a_text_that_comes_to_two_at_once_is_kept_once(database: Database) -> None:
    def keep(session: Session) -> int:
        return arrive(session, "你好", gateway_id="g-once").inbound_id

    assert meanwhile(database, keep, keep).result() == 1
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Inbound)) == 1


def test_the_parts_of_a_text_that_come_to_two_at_once_become_one(database: Database) -> None:
    with database.transaction() as session:
        subscribers.subscriber_of(session, SEALER, SMS, NUMBER)

    def keep(number: int) -> Callable[[Session], object]:
        arrived = Arrived(f"part-{number}", NUMBER, str(number), NOON, TextPart(7, 2, number))
        return lambda session: inbox.keep(session, SEALER, SMS, arrived, 100, NOON)

    meanwhile(database, keep(2), keep(1)).result()
    with database.transaction() as session:
        states = session.scalars(select(Inbound.state).order_by(Inbound.state)).all()
        assert states == [inbox.InboundState.JOINED, inbox.InboundState.WAITING]


def test_parts_that_wait_in_vain_are_put_together_once(database: Database) -> None:
    with database.transaction() as session:
        for number, user in enumerate((NUMBER, "13900139000")):
            arrive(session, "一半", user=user, part=TextPart(number, 2, 1))

    def join(session: Session) -> bool:
        return inbox.join_late(session, SEALER, NOON + minutes(3))

    meanwhile(database, join, join).result()
    with database.transaction() as session:
        assert session.scalars(select(Inbound.state)).all() == [inbox.InboundState.WAITING] * 2


def test_a_text_taken_up_by_two_is_answered_once(database: Database) -> None:
    with database.transaction() as session:
        add_city(session)
        inbound_id = arrive(session, "帮助").inbound_id

    def help_them(session: Session) -> None:
        locked(session, Subscriber, session.scalars(select(Subscriber.id)).one())
        waiting = inbox.oldest_waiting(session, 1)
        if waiting is not None:
            answers.take_up(session, SEALER, waiting, NOON)

    meanwhile(database, help_them, help_them).result()
    with database.transaction() as session:
        assert session.get_one(Inbound, inbound_id).state == inbox.InboundState.ANSWERED
        assert session.scalar(select(func.count()).select_from(Outgoing)) == 1
