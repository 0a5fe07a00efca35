"""An approved lesson counts from the next question on: its wording is known to mean its answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from bot.answering.evidence import Context
from bot.answering.judging import outcome_of
from bot.answering.service import Answering, Certainty, answering
from bot.answering.units import Sort, Unit, units_of
from bot.answering.wordings import lesson_wordings, taught_texts
from bot.lessons import service
from bot.lessons.labels import Label
from bot.lessons.models import Lesson
from bot.running.sample_city import load_sample_city
from bot.staff.models import Person
from bot.staff.roles import Role
from tests.databases import in_memory
from tests.lessons.classroom import NOON, teach
from tests.staff.people import add_person

WORDS = "舅爷那个高龄的钱到哪个月才算"


@pytest.fixture
def session() -> Iterator[Session]:
    with in_memory(load_sample_city) as database, database.transaction() as opened:
        yield opened


@pytest.fixture
def people(session: Session) -> tuple[Person, Person]:
    return add_person(session, "author", Role.CLERK), add_person(session, "reviewer", Role.REVIEWER)


def a_passage(index: Answering) -> Unit:
    return next(unit for unit in index.evidence.corpus.units if unit.sort == Sort.PASSAGE and unit.facet)


def taught(session: Session, people: tuple[Person, Person], label: Label, text: str = WORDS) -> Lesson:
    return teach(session, text, label, *people)


def test_a_taught_passage_is_known_at_the_next_question_and_forgotten_when_withdrawn(
    session: Session, people: tuple[Person, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = answering(session)
    # What is computed of the units alone is used again.
    monkeypatch.setattr("bot.answering.service.analysed", None)
    meant = a_passage(before)
    lesson = taught(session, people, Label("", answer=outcome_of(meant)))
    after = answering(session)
    assert after is not before
    assert nearest(after, meant) == (WORDS, 1.0)
    decision = after.explained(f"{WORDS}？").decision
    assert (decision.certainty, decision.units[0], decision.is_taught) == (Certainty.SURE, meant, True)
    service.withdraw(session, lesson, people[1], NOON, "弄错了")
    again = answering(session)
    assert again is not after
    assert nearest(again, meant) != (WORDS, 1.0)


def test_a_few_words_that_were_taught_of_one_matter_are_not_believed_of_another(
    session: Session, people: tuple[Person, Person]
) -> None:
    taught(session, people, Label("ask_fee", ("GA-003",), ("fee",)), "那多少钱")
    index = answering(session)
    assert index.decide("那多少钱").units[0].name == "item:GA-003:fee"
    assert index.decide("那多少钱", Context(("item:GA-003:overview",))).is_taught
    elsewhere = index.decide("那多少钱", Context(("item:GA-004:overview",)))
    assert (elsewhere.is_taught, elsewhere.considered[0][0].owner) == (False, "item:GA-004")


def test_several_items_that_were_taught_are_offered(session: Session, people: tuple[Person, Person]) -> None:
    taught(session, people, Label("ask_process", ("GA-003", "GA-002"), ("process",)))
    decision = answering(session).decide(WORDS)
    assert decision.certainty is Certainty.LIKELY
    assert [unit.name for unit in decision.units] == ["item:GA-003:process", "item:GA-002:process"]


@pytest.mark.parametrize(
    ("label", "units"),
    [
        (Label("ask_fee", ("GA-003",), ("fee",)), ("item:GA-003",)),
        (Label("", answer="route:LX-020"), ("route:LX-020",)),
        (Label("", answer="route:LX-999"), ()),
        (Label("ask_fee", should_be_refused=True, absent_matter="户口项目变更更正"), ("absent:户口项目变更更正",)),
        (Label("ask_fee", (), ("fee",)), ()),
        (Label("complain"), ()),
    ],
)
def test_a_lesson_is_a_wording_of_what_it_names(
    session: Session, people: tuple[Person, Person], label: Label, units: tuple[str, ...]
) -> None:
    taught(session, people, label)
    wordings = lesson_wordings(taught_texts(session), units_of(session))
    assert tuple(unit for wording in wordings for unit in wording.units) == units


def test_no_personal_data_becomes_a_known_wording(session: Session, people: tuple[Person, Person]) -> None:
    taught(session, people, Label("ask_fee", ("GA-003",)), "我的手机13812345678，补身份证多少钱")
    (wording,) = lesson_wordings(taught_texts(session), units_of(session))
    assert "138" not in wording.text
    assert "手机号" not in wording.text


def nearest(index: Answering, unit: Unit) -> tuple[str, float] | None:
    known, corpus = index.evidence.known, index.evidence.corpus
    place = corpus.places[unit.name]
    found = known.nearest(known.cosines(WORDS), place, int(corpus.owner_of[place]))
    return found and (found[0], round(found[1], 3))
