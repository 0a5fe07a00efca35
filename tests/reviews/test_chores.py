from datetime import UTC, datetime, timedelta

from bot.conversations.holding import lock_holder
from bot.conversations.service import open_conversation
from bot.db import Database
from bot.reviews import handling, service
from bot.reviews.chores import do_chores
from bot.reviews.reasons import Reason
from bot.reviews.takeover import take_over
from bot.staff.models import Person

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
