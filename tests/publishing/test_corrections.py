"""Correction of records (条例 art. 41): asking, looking up, deciding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot.db import Database
from bot.publishing import corrections
from bot.publishing.corrections import CorrectionForm, Receipt
from bot.publishing.service import PublishingRefused
from bot.publishing.terms import CorrectionOutcome
from bot.sealing import own_sealer
from bot.staff.models import AuditEntry
from tests.publishing.organs import NOW, TODAY, fill

ASKED = CorrectionForm("MZ", "低保公示名单", "写成3人，实际4人", "户口簿", "王小明", "13900138000")


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    fill(database)
    with database.transaction() as opened:
        yield opened


def ask(session: Session, asked: CorrectionForm = ASKED) -> Receipt:
    return corrections.ask(session, asked, own_sealer(), NOW)


def decide(session: Session, number: str, outcome: CorrectionOutcome | None, **more: str) -> None:
    given = {"words": "已更正", "agency": "", **more}
    corrections.decide(session, number, outcome, who="clerk", now=NOW, **given)


def test_what_is_told_is_sealed_and_the_code_is_not_kept(session: Session) -> None:
    receipt = ask(session)
    (row,) = session.execute(text("SELECT * FROM correction_requests")).mappings()
    kept = " ".join(map(str, row.values()))
    for secret in ("低保", "实际4人", "户口簿", "王小明", "13900138000", receipt.query_code.replace("-", "")):
        assert secret not in kept


@pytest.mark.parametrize("name", ["organ_code", "record", "wrong", "evidence", "name", "contact"])
def test_every_part_is_needed(session: Session, name: str) -> None:
    with pytest.raises(PublishingRefused):
        ask(session, replace(ASKED, **{name: " "}))


def test_number_and_code_show_what_came_of_it_and_nothing_else_does(session: Session) -> None:
    receipt = ask(session)
    number = receipt.request.number
    assert corrections.look_up(session, number.lower(), receipt.query_code, "c", NOW).request is receipt.request
    for wrong_number, code in ((number, "ABCD-2345"), ("GZ-2026-999999x", receipt.query_code), (number, "")):
        assert corrections.look_up(session, wrong_number, code, "c", NOW).request is None


def test_who_guesses_has_to_wait(session: Session) -> None:
    receipt = ask(session)
    for _ in range(5):
        looked = corrections.look_up(session, receipt.request.number, "ABCD-2345", "c", NOW)
    assert looked.attempts_left == 0
    assert corrections.look_up(session, receipt.request.number, receipt.query_code, "c", NOW).request is None
    later = NOW + timedelta(hours=1)
    assert corrections.look_up(session, receipt.request.number, receipt.query_code, "c", later).request is not None


def test_it_is_decided_once_with_words_for_the_applicant(session: Session) -> None:
    number = ask(session).request.number
    assert corrections.open_count(session, "MZ") == 1
    for outcome, more, said in (
        (None, {}, "结果"),
        (CorrectionOutcome.REFUSED, {"words": " "}, "理由"),
        (CorrectionOutcome.PASSED_ON, {}, "有权更正的机关"),
        (CorrectionOutcome.DIRECTED, {}, "有权更正的机关"),
        (CorrectionOutcome.CORRECTED, {"words": "见 javascript:x"}, "网页"),
    ):
        with pytest.raises(PublishingRefused, match=said):
            decide(session, number, outcome, **more)
    decide(session, number, CorrectionOutcome.PASSED_ON, agency="清江区民政局", words="已转送")
    request = corrections.visible(session, number, "MZ")
    assert (request.outcome, request.agency, request.decided_on) == ("passed_on", "清江区民政局", TODAY)
    assert (corrections.open_requests(session), corrections.decided_requests(session)) == ([], [request])
    with pytest.raises(PublishingRefused, match="办结"):
        decide(session, number, CorrectionOutcome.CORRECTED)
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject, entry.why) == (
        "decide_correction",
        number,
        "已转送有权更正的机关：清江区民政局",
    )


def test_another_department_neither_sees_nor_decides_it(session: Session) -> None:
    number = ask(session).request.number
    assert corrections.open_requests(session, "GA") == []
    with pytest.raises(PublishingRefused):
        corrections.visible(session, number, "GA")


def test_name_and_contact_are_opened_for_a_reason(session: Session) -> None:
    number = ask(session).request.number

    def opened(why: str) -> dict[str, str]:
        return corrections.open_applicant(
            session, number, own_sealer(), who="clerk", why=why, now=NOW, department_code=None
        )

    with pytest.raises(PublishingRefused, match="为什么"):
        opened(" ")
    assert opened("要打电话核实") == {"name": "王小明", "contact": "13900138000"}
    assert session.scalars(select(AuditEntry)).one().action == "open_applicant"
