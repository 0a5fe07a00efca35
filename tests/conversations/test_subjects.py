"""What programs get of a reply, and what is read back of it in another process."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import (
    SUBJECTS,
    ApprovalChoices,
    ApprovalItem,
    DeletionAsked,
    DisclosureIdentity,
    DisclosureStatus,
    Fallback,
    FilingDone,
    FilingStep,
    Handoff,
    InterviewQuoted,
    ItemOfJointService,
    JointServiceGuide,
    LetterQuoted,
    LetterTaken,
    NotOffered,
    OfficeFound,
    OtherDoor,
    OwnCase,
    PolicyAnswer,
    QuotedSource,
    Smalltalk,
    Subject,
    read,
    subject_of,
    written,
)
from bot.replies.reply import Button, Reply

STATUS = DisclosureStatus(
    "XXGK-2026-000007", "received", "2026-11-10", None, None, ({"on": "2026-11-10"},), ("第三十三条",), (), None
)
SOURCE = QuotedSource("办法", None, "第六条", "不收费。", None, "2026-01-01", in_force=None)
# What programs get, letter for letter: fields in the order in which they were always given.
WRITTEN: tuple[tuple[Subject, str], ...] = (
    (
        ApprovalItem("GA-003", "补领", "fee", {"fee": "40 元", "materials": [{"name": "照片"}]}),
        '{"kind": "approval_item", "code": "GA-003", "name": "补领", "facet": "fee", '
        '"data": {"fee": "40 元", "materials": [{"name": "照片"}]}}',
    ),
    (ApprovalChoices(("GA-002", "GA-003")), '{"kind": "approval_choices", "codes": ["GA-002", "GA-003"]}'),
    (
        JointServiceGuide("YJS-001", "开饭馆", (ItemOfJointService("SC-004", "许可"),)),
        '{"kind": "joint_service", "code": "YJS-001", "name": "开饭馆", "items": [{"code": "SC-004", "name": "许可"}]}',
    ),
    (
        STATUS,
        '{"kind": "disclosure_status", "receipt": "XXGK-2026-000007", "state": "received", "received_on": "2026-11-10",'
        ' "due_on": null, "working_days_left": null, "timeline": [{"on": "2026-11-10"}], "legal_basis": ["第三十三条"],'
        ' "remedies": [], "answer": null}',
    ),
    (DisclosureIdentity("receipt", 5), '{"kind": "disclosure_identity", "missing": "receipt", "attempts_left": 5}'),
    (
        PolicyAnswer((SOURCE,)),
        '{"kind": "policy_answer", "sources": [{"document": "办法", "number": null, "article": "第六条", '
        '"passage": "不收费。", "url": null, "published_on": "2026-01-01", "in_force": null, "page": null, '
        '"recognised": false}]}',
    ),
    (OtherDoor("LX-020", "12345", ""), '{"kind": "route", "code": "LX-020", "phone": "12345", "url": ""}'),
    (
        OfficeFound("O1", "大厅", "1 号", "9-17", "1"),
        '{"kind": "office", "code": "O1", "name": "大厅", "address": "1 号", "hours": "9-17", "phone": "1", '
        '"district": "", "duty": "", "longitude": null, "latitude": null}',
    ),
    (
        NotOffered("养犬证", "城管局", ("换领",)),
        '{"kind": "absent", "name": "养犬证", "in_charge": "城管局", "suggestions": ["换领"]}',
    ),
    (
        LetterTaken("AJ-000009", None, "2026-12-02"),
        '{"kind": "letter", "case": "AJ-000009", "department": null, "due_on": "2026-12-02"}',
    ),
    (
        LetterQuoted("路灯不亮", None, "2026-11-28", "/voices/1"),
        '{"kind": "public_letter", "title": "路灯不亮", "department": null, "answered_on": "2026-11-28", '
        '"page": "/voices/1"}',
    ),
    (
        InterviewQuoted("怎么备案？", "医保访谈", "李明，局长", "2026-11-28", "/interviews/1#q2", likely=True),
        '{"kind": "interview_answer", "title": "怎么备案？", "interview": "医保访谈", "by": "李明，局长", '
        '"answered_on": "2026-11-28", "page": "/interviews/1#q2", "certainty": "likely"}',
    ),
    (Handoff(None, online=True), '{"kind": "handoff", "case": null, "online": true}'),
    (OwnCase("AJ-000009"), '{"kind": "case", "case": "AJ-000009", "state": null, "due_at": null}'),
    (DeletionAsked(None, ("申请",)), '{"kind": "deletion", "receipt": null, "kept": ["申请"]}'),
    (FilingStep(4, 9), '{"kind": "filing", "step": 4, "of": 9}'),
    (
        FilingDone(9, 9, "XXGK-2026-000007"),
        '{"kind": "filing", "step": 9, "of": 9, "receipt": "XXGK-2026-000007", "due_on": null}',
    ),
    (Smalltalk("greeting"), '{"kind": "smalltalk", "topic": "greeting"}'),
    (Fallback(("居住证",)), '{"kind": "fallback", "suggestions": ["居住证"]}'),
)


def test_each_kind_is_shown_here() -> None:
    assert {type(about) for about, _ in WRITTEN} == set(SUBJECTS)


@pytest.mark.parametrize(("about", "told"), WRITTEN)
def test_programs_get_each_kind_letter_for_letter_and_it_is_read_back(about: Subject, told: str) -> None:
    assert json.dumps(written(about), ensure_ascii=False) == told
    assert read(json.loads(told)) == about


@pytest.mark.parametrize("about", [about for about, _ in WRITTEN])
def test_an_offer_says_that_it_is_only_likely(about: Subject) -> None:
    offer = replace(about, likely=True)
    assert written(offer) == {**written(about), "certainty": "likely"}
    assert read(written(offer)) == offer


@pytest.mark.parametrize(
    "custom",
    [
        None,
        {},
        {"kind": "of_another_version"},
        {"kind": "approval_item", "code": "GA-003"},
        {"kind": "policy_answer", "sources": None},
        {"kind": "policy_answer", "sources": [{"document": "办法"}]},
        {"certainty": "likely"},
    ],
)
def test_what_cannot_be_read_is_about_nothing(custom: dict[str, Any] | None) -> None:
    assert read(custom) is None
    assert subject_of({"text": "…", "custom": custom}) is None


def test_fields_of_a_newer_version_are_ignored() -> None:
    assert read({"kind": "smalltalk", "topic": "thanks", "mood": "fine"}) == Smalltalk("thanks")


def test_a_reply_is_kept_and_read_back_whole() -> None:
    reply = Reply(
        "好", Outcome.ASKED_BACK, PolicyAnswer((SOURCE,), likely=True), (Button("甲", "/a"),), ("乙",), "name"
    )
    assert Reply.of_record(json.loads(json.dumps(reply.as_record()))) == reply
    assert Reply.of_record(Reply("好", Outcome.FILING).as_record()) == Reply("好", Outcome.FILING)
