"""What is typed on the page of a case and not sent yet."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from bot.db import Database
from bot.reviews import forgetting, unsent
from bot.reviews.models import UnsentText
from bot.reviews.states import CaseActionRefused
from tests.reviews.town import NOON, add_person, open_case


def test_each_person_keeps_one_text_for_each_field_of_a_case_and_it_is_sealed(database: Database) -> None:
    with database.transaction() as session:
        case, wang, li = open_case(session), add_person(session, "王芳"), add_person(session, "李四")
        for words in ("到派出", "到派出所办"):
            unsent.keep(session, case, wang, unsent.REPLY, words, NOON)
        unsent.keep(session, case, wang, unsent.NOTE, "问过户籍", NOON)
        unsent.keep(session, case, li, unsent.REPLY, "您好", NOON)
        assert unsent.kept(session, case, wang) == {"reply": "到派出所办", "note": "问过户籍"}
        stored = session.execute(text("SELECT text FROM case_unsent_texts")).scalars().all()
        assert not any("派出所" in one for one in stored)
        unsent.keep(session, case, wang, unsent.REPLY, "  ", NOON)
        assert unsent.kept(session, case, wang) == {"note": "问过户籍"}


def test_colleagues_are_told_who_writes_an_answer_until_the_writer_pauses(database: Database) -> None:
    with database.transaction() as session:
        case, wang, li = open_case(session), add_person(session, "王芳"), add_person(session, "李四")
        assert unsent.keep(session, case, wang, unsent.REPLY, "到", NOON)
        assert not unsent.keep(session, case, wang, unsent.REPLY, "到派出所", NOON + timedelta(seconds=2))
        unsent.keep(session, case, li, unsent.NOTE, "备注", NOON)
        soon, later = NOON + timedelta(seconds=60), NOON + timedelta(minutes=3)
        assert [one.person.name for one in unsent.writers(session, case, li, soon)] == ["王芳"]
        assert unsent.writers(session, case, wang, soon) == []
        assert unsent.writers(session, case, li, later) == []
        assert unsent.keep(session, case, wang, unsent.REPLY, "到派出所办", later)
        assert unsent.keep(session, case, wang, unsent.REPLY, "", later)


@pytest.mark.parametrize(("act", "words"), [("close", "好"), ("reply", "好" * 4001)])
def test_what_no_field_can_hold_is_refused(database: Database, act: str, words: str) -> None:
    with database.transaction() as session, pytest.raises(CaseActionRefused):
        unsent.keep(session, open_case(session), add_person(session, "王芳"), act, words, NOON)


@pytest.mark.parametrize("is_asked_for", [True, False])
def test_unsent_texts_leave_with_the_case(database: Database, is_asked_for: bool) -> None:
    with database.transaction() as session:
        case = open_case(session)
        unsent.keep(session, case, add_person(session, "王芳"), unsent.REPLY, "到派出所办", NOON)
        if is_asked_for:
            forgetting.empty_cases(session, [case])
        else:
            forgetting.forget_cases(session, [case.id])
        assert session.scalars(select(UnsentText)).all() == []
