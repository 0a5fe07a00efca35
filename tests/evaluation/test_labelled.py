"""Letters and dialogues that ship: every label is an answer of the sample city, and replies are judged rightly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.answering.judging import RIGHT, USELESS, WRONG, fits, outcome_of
from bot.answering.units import units_of
from bot.conversations.subjects import (
    ApprovalChoices,
    ApprovalItem,
    DeletionAsked,
    DisclosureIdentity,
    Fallback,
    FilingDone,
    Handoff,
    JointServiceGuide,
    LetterTaken,
    OtherDoor,
    PolicyAnswer,
    QuotedSource,
    Smalltalk,
    Subject,
    written,
)
from bot.evaluation.labelled import (
    VERDICTS,
    Labelled,
    ask_dialogues,
    ask_letters,
    dialogues,
    labelled_figures,
    letters,
    outcomes_of,
    shares,
)
from bot.evaluation.scoring import Reply
from bot.language.text import bare
from bot.lessons.training_texts import training_texts
from bot.running.sample_city import load_sample_city
from bot.web.console.engine_models import FIGURE_TITLES
from tests.databases import in_memory

pytestmark = pytest.mark.slow

FEE = ApprovalItem("GA-003", "身份证补领", "fee", {})
ASKED = Labelled("补身份证多少钱", "consult", ("item:GA-003:fee",), ("case",))
OTHERS = ("case", "refuse", "status", "smalltalk")


def quoting(document: str, article: str | None) -> PolicyAnswer:
    return PolicyAnswer((QuotedSource(document, None, article, "…", None, None, in_force=None),))


def labelled() -> list[Labelled]:
    return [*letters(), *(turn for turns in dialogues() for turn in turns)]


def test_every_label_is_something_that_the_sample_city_can_answer() -> None:
    with in_memory(load_sample_city) as database, database.transaction() as session:
        outcomes = [outcome_of(unit) for unit in units_of(session)]
    labels = {label for one in labelled() for label in (*one.best, *one.ok)} - {*OTHERS}
    parts = {
        part
        for label in labels
        for part in (
            [":".join([*label.split(":")[:2], facet]) for facet in label.split(":")[2].split("+")]
            if label.startswith("item:") and label.count(":") == 2
            else [label]
        )
    }
    assert sorted(part for part in parts if not any(fits(said, part) for said in outcomes)) == []


def test_there_are_letters_of_each_kind_and_dialogues_of_a_few_turns() -> None:
    assert {one.kind for one in letters()} == {"consult", "complaint", "suggestion", "request", "status"}
    assert len(letters()) == 40
    assert all(30 <= len(one.text) <= 200 and one.best for one in letters())
    assert len(dialogues()) == 15
    assert all(3 <= len(turns) <= 4 for turns in dialogues())


def test_nobody_trained_on_a_letter() -> None:
    known = {bare(example.text) for example in training_texts()}
    assert not [one.text for one in letters() if bare(one.text) in known]


@pytest.mark.parametrize(
    ("about", "outcomes"),
    [
        (FEE, ["item:GA-003:fee"]),
        (JointServiceGuide("YJS-001", "开饭馆", ()), ["item:YJS-001:overview"]),
        (ApprovalChoices(("GA-002", "GA-003")), ["choices:GA-002,GA-003"]),
        (
            quoting("云河市法律援助条件和申请指南", "法律援助是什么，要钱吗"),
            ["doc:legal-aid-guide#法律援助是什么，要钱吗"],
        ),
        (quoting("另一市的办法", None), ["doc:另一市的办法#"]),
        (LetterTaken("AJ-000001", None, None), ["case"]),
        (Handoff(None, online=True), ["refuse"]),
        (DisclosureIdentity("receipt", 5), ["status"]),
        (FilingDone(9, 9, "XXGK-2026-000007"), ["filing"]),
        (Smalltalk("greeting"), ["smalltalk"]),
        (Fallback(), ["refuse"]),
        (DeletionAsked(None, ()), []),
    ],
)
def test_a_reply_is_told_as_labels_are(about: Subject, outcomes: list[str]) -> None:
    assert outcomes_of(about) == outcomes


@pytest.mark.parametrize(
    ("subjects", "verdict"),
    [
        ([FEE], RIGHT),
        ([replace(FEE, facet="place")], WRONG),
        ([Fallback()], USELESS),
        ([], USELESS),
        ([OtherDoor("LX-020", "", "", likely=True), replace(FEE, likely=True)], "ok"),
    ],
)
def test_an_answer_is_judged_by_what_it_says(subjects: list[Subject], verdict: str) -> None:
    assert ASKED.verdict([{"text": "", "custom": written(about)} for about in subjects]) == verdict


def test_each_letter_is_asked_alone_and_the_turns_of_a_dialogue_together() -> None:
    senders: list[str] = []

    def ask(sender: str, text: str) -> Sequence[Reply]:
        senders.append(sender)
        return [{"text": "", "custom": written(FEE)}]

    assert ask_letters(ask, [ASKED, ASKED]) == [RIGHT, RIGHT]
    assert ask_dialogues(ask, [[ASKED, ASKED], [ASKED]]) == [RIGHT] * 3
    assert [senders.index(sender) for sender in senders] == [0, 1, 2, 2, 4]


def test_shares_are_given_by_verdict_and_none_of_nothing() -> None:
    assert shares([RIGHT, WRONG], "letters") == {
        "letters_right": 0.5,
        "letters_ok": 0.0,
        "letters_useless": 0.0,
        "letters_wrong": 0.5,
    }
    assert shares([], "turns") == {}


def test_all_that_ships_is_asked_and_told_by_verdict() -> None:
    asked: list[str] = []

    def ask(sender: str, text: str) -> list[Reply]:
        asked.append(text)
        return [{"text": "", "custom": written(FEE)}]

    found = labelled_figures(ask, letters(), dialogues())
    assert asked == [one.text for one in labelled()]
    assert set(found) == {f"{of}_{verdict}" for of in ("letters", "turns") for verdict in VERDICTS}
    assert set(found) <= set(FIGURE_TITLES)
