"""The page that walks a city to its own data names only commands, options, pages and files that exist."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from bot.cli import COMMANDS, cli
from bot.places import ROOT

PAGE = (ROOT / "docs" / "your-city.md").read_text(encoding="utf-8")
COMMANDS_NAMED = sorted(set(re.findall(r"python -m bot ([a-z-]+(?: (?:add|check))?)", PAGE)))


@pytest.mark.parametrize("command", COMMANDS_NAMED)
def test_each_command_of_the_page_exists(command: str) -> None:
    shown = CliRunner().invoke(cli, [*command.split(), "--help"])
    assert shown.exit_code == 0, shown.output
    options = re.findall(rf"python -m bot {command}[^\n]*?(--[a-z-]+)", PAGE)
    assert [option for option in options if option not in shown.output] == []


def test_each_command_named_in_a_sentence_exists() -> None:
    named = re.findall(r"`([a-z]+(?:-[a-z]+)?)(?: [a-z]+)?(?: … [^`]*)?`", PAGE)
    commands = {name for name in named if "-" in name or name in ("laws", "notices", "disclosures", "aliases")}
    assert commands
    assert commands - {"legal-basis"} <= set(COMMANDS)


def test_each_page_and_each_file_that_it_points_to_exists() -> None:
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", PAGE):
        assert (ROOT / "docs" / link).exists(), link
    for path in re.findall(r"bot/samples/[\w./-]+", PAGE):
        assert (ROOT / path).exists(), path


def test_each_table_and_column_that_it_names_is_one_of_the_catalogue() -> None:
    files = (ROOT / "docs" / "catalogue-files.md").read_text(encoding="utf-8")
    for name in ("districts", "offices", "items", "absent_matters", "区县", "服务街道", "职责", "所属地点", "办理区县"):
        assert name in PAGE
        assert name in files
