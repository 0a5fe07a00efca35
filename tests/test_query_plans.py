"""What is asked all day never reads the whole of a table that grows, on either database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.conversations import service as conversations
from bot.conversations import staff_messages
from bot.conversations.browsing import Wanted, browse
from bot.conversations.holding import lock_holder
from bot.conversations.once import forget_done
from bot.db import Database
from bot.disclosures import errands
from bot.disclosures import service as disclosures
from bot.disclosures.terms import ApplicantKind
from bot.helpline import answers, inbox, leases, nonces, outbox, staff_lines
from bot.helpline.forgetting import forget_asked_once
from bot.helpline.models import Subscriber
from bot.reviews.chores import do_chores
from bot.reviews.queue import QueueFilter, queue
from bot.staff import accounts, sign_ins
from bot.staff.roles import Role
from tests.helpline.town import SEALER, arrive, inbound
from tests.plans import statements, whole_tables_read
from tests.web.console import add_answered_case, fill, let_in, open_browser, settings_in

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


def test_services_that_are_asked_all_day_read_no_whole_table(database: Database) -> None:
    fill(database)
    add_answered_case(database)
    with database.transaction() as session:
        disclosures.record_request(
            session,
            receipt="XXGK-2026-000123",
            query_code="K7M2-9QXD",
            applicant_kind=ApplicantKind.NATURAL_PERSON,
            applicant="王小明",
            description="滨河绿地规划图则",
            department_code="GA",
            received_on=date(2026, 11, 10),
            submitted_via="网上",
        )
    with statements(database) as asked:
        with database.transaction() as session:
            talk = conversations.open_conversation(session, "c2", "portal", NOW)
            conversations.store_message(session, talk, "居住证怎么办", NOW, "m1")
        with database.transaction() as session:
            conversations.history(session, "c2")
            conversations.history(session, "c2", before=5)
            conversations.messages_after(session, "c2", 0, also=[1], again=["m1"])
            staff_messages.undelivered(session, "c2")
            lock_holder(session, "c2")
            browse(session, Wanted())
        with database.transaction() as session:
            disclosures.look_up(session, "XXGK-2026-000123", "K7M2-9QXE", "client", NOW)
        with database.transaction() as session:
            disclosures.look_up(session, "XXGK-2026-000123", "K7M2-9QXD", "client", NOW)
        with database.transaction() as session:
            kept = arrive(session, "居住证怎么办", NOW)
            answers.take_up(session, SEALER, inbound(session, kept), NOW)
        with database.transaction() as session:
            inbox.join_late(session, SEALER, NOW)
            (subscriber,) = inbox.subscribers_to_answer(session, NOW, ())
            leases.take(session, Subscriber.answering_until, subscriber, NOW)
            inbox.oldest_waiting(session, subscriber)
            inbox.failed_count(session)
            outbox.subscribers_to_send_to(session, ["sms"], NOW, ())
            outbox.next_to(session, subscriber, NOW)
            outbox.waiting_count(session, NOW)
            outbox.troubled_count(session)
            outbox.sent_today(session, "sms", NOW)
            staff_lines.not_collected(session, SEALER, NOW, ["sms"])
        with database.transaction() as session:
            nonces.forget_old(session, NOW)
            forget_done(session, NOW)
            errands.forget_old(session, NOW)
            forget_asked_once(session, NOW)
            do_chores(session, NOW)
        with database.transaction() as session:
            clerk = accounts.get_person(session, Role.CLERK.value)
            queue(session, QueueFilter(), seen_by=clerk, now=NOW)
            sign_ins.valid(session, "no such token", NOW)
    assert len(asked) > 40
    assert not (found := whole_tables_read(database, asked)), "\n".join(found)


async def test_pages_that_are_opened_all_day_read_no_whole_table(database: Database, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, DATABASE_URL=database.engine.url.render_as_string(hide_password=False))
    fill(database)
    add_answered_case(database)
    async with open_browser(settings) as browser:
        let_in(browser, database, Role.SUPERVISOR.value, timedelta(minutes=1))
        with statements(database) as asked:
            for path in ("queue", "cases/AJ-000001", "conversations"):
                response = await browser.get(f"/console/{path}")
                assert response.status == 200, path
    assert not (found := whole_tables_read(database, asked)), "\n".join(found)
