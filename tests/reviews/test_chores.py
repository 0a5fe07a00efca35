from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from bot.conversations.holding import lock_holder
from bot.conversations.service import open_conversation
from bot.db import Database
from bot.reviews import handling, service
from bot.reviews.chores import do_chores
from bot.reviews.reasons import Reason, Stars
from bot.reviews.takeover import take_over
from bot.staff.models import AuditEntry, Person

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


def test_a_case_that_waited_too_long_for_its_citizen_is_closed_and_the_bot_answers_again(database: Database) -> None:
    with database.transaction() as session:
        clerk = Person(login="wang", name="王", role="clerk", is_active=True, created_at=NOW)
        session.add(clerk)
        open_conversation(session, "c1", "portal", NOW)
        case = service.open_case(session, "c1", "portal", Reason.ASKED_FOR_PERSON, [], NOW, "办证")
        session.flush()
        handling.claim(session, case, clerk, NOW)
        take_over(session, case, clerk, NOW)
        handling.reply(session, case, clerk, NOW, "请问是哪个证？", is_final=False)
        assert do_chores(session, NOW + timedelta(days=1)) == []
        assert lock_holder(session, "c1") == case.id
        assert do_chores(session, NOW + timedelta(days=7)) == ["c1"]
        assert lock_holder(session, "c1") is None
        assert service.case_of_conversation(session, "c1") is None


def test_an_answered_case_closes_by_itself_after_praise_or_days_and_the_audit_log_tells_why(database: Database) -> None:
    with database.transaction() as session:
        clerk = Person(login="wang", name="王", role="clerk", is_active=True, created_at=NOW)
        session.add(clerk)
        session.flush()
        cases = []
        for name in ("praised", "silent", "criticised", "fair"):
            open_conversation(session, name, "portal", NOW)
            case = service.open_case(session, name, "portal", Reason.ASKED_FOR_PERSON, [], NOW, "办证")
            handling.claim(session, case, clerk, NOW)
            handling.reply(session, case, clerk, NOW, "到派出所办", is_final=True)
            cases.append(case)
        for case, stars in ((cases[0], 4), (cases[2], 1), (cases[3], 3)):
            service.rate(session, case, Stars(stars), "", NOW + timedelta(hours=1))
        assert do_chores(session, NOW + timedelta(hours=2)) == ["praised"]
        assert do_chores(session, NOW + timedelta(days=3)) == ["silent", "fair"]
        assert [case.state for case in cases] == ["closed", "closed", "claimed", "closed"]
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        assert [(entry.who, entry.subject, entry.why) for entry in entries] == [
            ("系统", cases[0].number, "好评后自动办结"),
            ("系统", cases[1].number, "答复后没有异议自动办结"),
            ("系统", cases[3].number, "答复后没有异议自动办结"),
        ]
