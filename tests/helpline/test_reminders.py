"""One text before a date that matters, to the number that the applicant left or where they filed; never at night, never
after 退订.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from bot.catalogue.models import Department
from bot.conversations.channels import MAIL, SMS, WECHAT
from bot.db import Database
from bot.disclosures.answers import Field
from bot.disclosures.draft import Draft
from bot.disclosures.filing import file_request
from bot.disclosures.reminders import Reminder, ReminderKind
from bot.disclosures.service import record_event
from bot.disclosures.terms import Decision, Kind, Reason, Step
from bot.helpline.models import Outgoing
from bot.helpline.reminders import send_due
from bot.helpline.subscribers import find_subscriber, subscriber_of, unsubscribe
from bot.replies.plain_text import SMS_LONGEST
from bot.replies.reminders import reminder_text
from tests.helpline.town import NUMBER, QUIET, SEALER, add_city, arrive

FILED_AT = datetime(2026, 11, 10, 2, tzinfo=UTC)
ASKED = Step(Kind.SUPPLEMENT_REQUESTED, date(2026, 11, 13), respond_by=date(2026, 12, 1))
REFUSED = Step(
    Kind.ANSWERED, date(2026, 11, 20), outcome=Decision.REFUSED, reason=Reason.PROCESS_INFORMATION, note="方案还在讨论"
)
GRANTED = Step(Kind.ANSWERED, date(2026, 11, 20), outcome=Decision.GRANTED)


def noon(month: int, day: int, year: int = 2026) -> datetime:
    return datetime(year, month, day, 4, tzinfo=UTC)


def filed(database: Database, *steps: Step, contact: str = NUMBER, conversation: str | None = None) -> str:
    answers = {
        Field.INFORMATION: "停车场规划",
        Field.DEPARTMENT: "ZG",
        Field.APPLICANT_KIND: "natural_person",
        Field.NAME: "王小明",
        Field.IDENTITY: "11010519491231002X",
        Field.CONTACT: contact,
        Field.FORM: "电子",
        Field.DELIVERY: "网上查看",
    }
    with database.transaction() as session:
        add_city(session)
        session.add(Department(code="ZG", name="规划局", short_names=[], phone="1"))
        session.flush()
        receipt = file_request(session, Draft(answers, None), SEALER, FILED_AT, conversation).request.receipt
        for step in steps:
            record_event(session, receipt, step)
    return receipt


def sent(database: Database, now: datetime, channels: Collection[str] = (SMS, WECHAT)) -> list[Outgoing]:
    """All texts in the outbox after the job ran twice."""
    for _ in range(2):
        send_due(database, SEALER, QUIET, channels, now)
    with database.transaction() as session:
        return list(session.scalars(select(Outgoing).order_by(Outgoing.id)))


def test_a_supplement_is_reminded_of_once_two_working_days_before(database: Database) -> None:
    receipt = filed(database, ASKED)
    assert sent(database, noon(11, 26)) == []
    (text,) = sent(database, noon(11, 27))
    assert text.text.startswith(f"您的信息公开申请 {receipt} 在等您补正，期限到 2026年12月1日")
    assert text.due_at == noon(11, 27)
    assert len(sent(database, noon(12, 1))) == 1


def test_a_fee_is_reminded_of_like_a_supplement(database: Database) -> None:
    filed(database, Step(Kind.FEE_NOTIFIED, date(2026, 11, 13), amount=100, pay_by=date(2026, 12, 11)))
    assert sent(database, noon(12, 8)) == []
    (text,) = sent(database, noon(12, 9))
    assert "在等您缴信息处理费，期限到 2026年12月11日" in text.text


def test_who_left_a_mail_address_is_reminded_by_mail_where_it_can_be_sent(database: Database) -> None:
    filed(database, ASKED, contact="Wang.Fang@example.com")
    assert sent(database, noon(11, 27)) == []
    (text,) = sent(database, noon(11, 27), (SMS, MAIL))
    assert (text.channel, "在等您补正" in text.text) == (MAIL, True)


def test_nothing_is_sent_at_night(database: Database) -> None:
    filed(database, ASKED)
    (text,) = sent(database, datetime(2026, 11, 27, 15, tzinfo=UTC))  # 23:00 in China
    assert text.due_at == datetime(2026, 11, 28, 0, tzinfo=UTC)  # 08:00


def test_an_answer_is_told_without_what_it_says(database: Database) -> None:
    filed(database, REFUSED)
    (text,) = sent(database, noon(11, 23))
    assert "已经答复（2026年11月20日）" in text.text
    for private in ("不予公开", "方案", "王", "停车场", "查询码："):
        assert private not in text.text
    assert "退订" in text.text


def test_the_end_of_reconsideration_is_told_ten_days_before_but_not_to_who_got_what_they_asked_for(
    database: Database,
) -> None:
    filed(database, REFUSED)
    assert sent(database, noon(1, 8, 2027)) == []
    (text,) = sent(database, noon(1, 9, 2027))
    assert "期限按登记的日期算到 2027年1月19日" in text.text


def test_who_got_what_they_asked_for_is_told_of_the_answer_only(database: Database) -> None:
    filed(database, GRANTED)
    assert len(sent(database, noon(11, 23))) == 1
    assert len(sent(database, noon(1, 15, 2027))) == 1


def test_who_unsubscribed_is_left_alone(database: Database) -> None:
    filed(database, ASKED)
    with database.transaction() as session:
        unsubscribe(session, subscriber_of(session, SEALER, "sms", NUMBER), FILED_AT)
    assert sent(database, noon(11, 27)) == []


def test_other_contacts_get_no_text(database: Database) -> None:
    filed(database, ASKED, contact="wang@example.com")
    assert sent(database, noon(11, 27)) == []
    with database.transaction() as session:
        assert find_subscriber(session, SEALER, "sms", NUMBER) is None


@pytest.mark.parametrize("kind", ReminderKind)
def test_a_reminder_is_one_text(kind: ReminderKind) -> None:
    text = reminder_text(Reminder("XXGK-2026-000123", kind, date(2026, 12, 31)), "云河市", "12345")
    assert len(text) <= SMS_LONGEST


def wrote(database: Database, at: datetime, channel: str = WECHAT, user: str = "openid-1") -> str:
    """The conversation of somebody who wrote at that time."""
    with database.transaction() as session:
        arrive(session, "你好", at, user=user, channel=channel)
        return subscriber_of(session, SEALER, channel, user).conversation_id


def test_who_filed_by_wechat_without_a_mobile_number_is_reminded_there(database: Database) -> None:
    receipt = filed(database, ASKED, contact="wang@example.com", conversation=wrote(database, noon(11, 26)))
    (text,) = sent(database, noon(11, 27))
    assert (text.channel, receipt in text.text) == (WECHAT, True)


def test_by_wechat_nothing_is_sent_two_days_after_the_last_message_but_once_the_applicant_writes_again(
    database: Database,
) -> None:
    filed(database, ASKED, contact="wang@example.com", conversation=wrote(database, noon(11, 25)))
    assert sent(database, noon(11, 27)) == []
    wrote(database, noon(11, 28))
    (text,) = sent(database, noon(11, 28))
    assert "在等您补正" in text.text


def test_the_mobile_number_goes_before_the_conversation_where_texts_can_be_sent(database: Database) -> None:
    filed(database, ASKED, conversation=wrote(database, noon(11, 27)))
    (text,) = sent(database, noon(11, 27))
    assert text.channel == SMS


def test_without_sms_the_conversation_by_wechat_is_used(database: Database) -> None:
    filed(database, ASKED, conversation=wrote(database, noon(11, 27)))
    (text,) = sent(database, noon(11, 27), channels=[WECHAT])
    assert text.channel == WECHAT
    with database.transaction() as session:
        assert find_subscriber(session, SEALER, SMS, NUMBER) is None


def test_who_filed_by_sms_and_left_a_mail_address_is_reminded_at_that_telephone(database: Database) -> None:
    conversation = wrote(database, FILED_AT, SMS, NUMBER)
    filed(database, ASKED, contact="wang@example.com", conversation=conversation)
    (text,) = sent(database, noon(11, 27))
    assert text.channel == SMS


def test_where_no_channel_is_set_up_a_reminder_waits(database: Database) -> None:
    filed(database, ASKED)
    assert sent(database, noon(11, 27), channels=[]) == []
    assert len(sent(database, noon(11, 27))) == 1
