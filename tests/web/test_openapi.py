"""The kinds of answers in the API description are the kinds that the code makes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from bot.places import ROOT
from bot.web.openapi import DOCUMENT, KINDS


def kinds_made() -> set[str]:
    """Of every dictionary that is written with a `kind` in the modules that make replies."""
    modules = [*(ROOT / "bot" / "replies").glob("*.py"), *(ROOT / "actions").rglob("*.py")]
    return {kind for module in modules for kind in _kinds_in(module)}


def _kinds_in(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "kind" and isinstance(value, ast.Constant):
                    yield str(value.value)


def test_the_kinds_that_programs_are_told_of_are_those_that_are_made() -> None:
    assert kinds_made() == set(KINDS)


def test_the_page_on_replies_has_the_same_kinds() -> None:
    page = (ROOT / "docs" / "replies.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, re.M) == list(KINDS)


def test_an_answer_that_is_still_to_come_and_one_that_is_only_likely_are_described() -> None:
    answer = DOCUMENT["paths"]["/api/chat"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer["properties"]["pending"]["const"] is True
    custom = answer["properties"]["messages"]["items"]["properties"]["custom"]["properties"]
    assert custom["kind"]["enum"] == list(KINDS)
    assert custom["certainty"]["enum"] == ["likely"]
