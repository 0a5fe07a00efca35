"""The page on security names only tests that exist."""

from __future__ import annotations

import re

from bot.places import ROOT


def test_each_test_that_the_page_on_security_names_is_there() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", (ROOT / "docs" / "security.md").read_text()))
    assert len(named) > 20
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_the_page_has_every_chapter_of_the_standard() -> None:
    page = (ROOT / "docs" / "security.md").read_text()
    assert [number for number in range(1, 15) if f"| V{number} " not in page] == []
    assert [item for item in range(1, 11) if f"| 7.1.4.{item} " not in page] == []
