"""A letter as a case: its clock, one form sent twice, the number as people write it, who may decide what."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations.service import new_conversation_id
from bot.db import Database
from bot.reviews.models import Case
from bot.reviews.reasons import Kind
from bot.reviews.states import CaseState
from bot.voices import service
from bot.voices.models import Voice
from bot.voices.service import FiledVoice, NewVoice, canonical_number, file_voice
from bot.voices.terms import KINDS
from bot.workdays import CHINA
from tests.reviews.town import add_person
from tests.voices.letters import NOW

WORDS = "东门的路灯坏了两个月。"


def letter(kind: Kind = Kind.COMPLAINT, words: str = WORDS) -> NewVoice:
    return NewVoice(kind, "路灯不亮", words, None, "", is_public_wished=True)


def file(session: Session, new: NewVoice, form_id: str = "", *, is_often: bool = False) -> FiledVoice:
    return file_voice(session, new, form_id or new_conversation_id(), NOW, is_often=is_often)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != Kind.PRAISE])
def test_a_letter_of_every_kind_is_promised_an_answer_by_the_day_of_closing(database: Database, kind: Kind) -> None:
    with database.transaction() as session:
        case = file(session, letter(kind)).voice.case
        assert case.due_at is not None
        assert case.due_at.astimezone(CHINA).date() == date(2026, 12, 4)  # five working days from November 27
        assert case.state == CaseState.NEW


def test_the_days_of_a_letter_that_is_held_back_count_from_its_coming(database: Database) -> None:
    with database.transaction() as session:
        held = file(session, letter(), is_often=True).voice.case
        assert held.state == CaseState.HELD
        due_at = held.due_at
        held = session.get_one(Case, held.id)
        service.release(session, held, add_person(session, "王芳"), NOW + timedelta(days=3))
        assert (held.state, held.due_at) == (CaseState.NEW, due_at)


def test_the_same_form_is_one_letter_and_a_form_written_anew_is_another(database: Database) -> None:
    with database.transaction() as session:
        form_id = new_conversation_id()
        first, again = file(session, letter(), form_id), file(session, letter(), form_id)
        assert (again.voice.id, again.is_new) == (first.voice.id, False)
        assert again.query_code != first.query_code
        other = file(session, letter(words="西门的路灯也坏了一个月。"), form_id)
        assert other.is_new
        assert other.voice.case_id != first.voice.case_id


def test_the_same_text_is_held_back_for_a_month(database: Database) -> None:
    with database.transaction() as session:
        file(session, letter())
        assert file(session, letter(words="东门的路灯，坏了两个月！")).voice.holds == ["same"]
        for voice in session.scalars(select(Voice)):
            voice.filed_at = NOW - timedelta(days=31)
        assert file(session, letter()).voice.holds == []


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("AJ-000012", "AJ-000012"),
        (" aj 12 ", "AJ-000012"),
        ("ＡＪ－０００１２", "AJ-000012"),
        ("0012", "AJ-000012"),
        ("十二", None),
        ("XXGK-2026-000012", None),
        ("", None),
    ],
)
def test_a_number_is_one_however_it_is_written(written: str, number: str | None) -> None:
    assert canonical_number(written) == number


def test_lines_count_as_in_the_browser_and_what_nobody_sees_is_left_out(database: Database) -> None:
    lines = "\r\n".join(["第一行"] * 500)  # 1,999 characters for the browser
    with database.transaction() as session:
        form = {"kind": "mayor", "title": "路灯\u202e\x1b不亮", "words": lines}
        new = service.checked(session, form)
    assert (new.title, len(new.words)) == ("路灯不亮", 1999)
