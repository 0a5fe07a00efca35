"""The kinds of answers in the API description are the kinds that the code makes."""

from __future__ import annotations

import re
from dataclasses import fields

from bot.conversations.subjects import SUBJECTS
from bot.places import ROOT
from bot.web.openapi import DOCUMENT, KINDS


def test_the_kinds_that_programs_are_told_of_are_those_that_are_made() -> None:
    assert {about.kind for about in SUBJECTS} == set(KINDS)


def test_the_fields_that_programs_are_told_of_are_those_that_are_made() -> None:
    for kind, told in KINDS.items():
        names = {field.name for about in SUBJECTS if about.kind == kind for field in fields(about)} - {"likely"}
        assert names <= set(re.findall(r"[a-z_]+", told)), kind


def test_the_page_on_replies_has_the_same_kinds() -> None:
    page = (ROOT / "docs" / "replies.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, re.M) == list(KINDS)


def test_an_answer_that_is_still_to_come_and_one_that_is_only_likely_are_described() -> None:
    answer = DOCUMENT["paths"]["/api/chat"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer["properties"]["pending"]["const"] is True
    custom = answer["properties"]["messages"]["items"]["properties"]["custom"]["properties"]
    assert custom["kind"]["enum"] == list(KINDS)
    assert custom["certainty"]["enum"] == ["likely"]
