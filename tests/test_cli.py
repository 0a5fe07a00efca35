import subprocess
import sys

import pytest
from click.testing import CliRunner

from bot.cli import COMMANDS, cli
from bot.places import ROOT


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_where_the_table_says_and_tells_what_it_does(name: str) -> None:
    shown = CliRunner().invoke(cli, [name, "--help"])
    assert shown.exit_code == 0
    assert shown.output.startswith(f"Usage: cli {name}")


def test_what_is_no_command_is_said_to_be_none() -> None:
    assert "No such command" in CliRunner().invoke(cli, ["nonsense"]).output


def test_every_command_is_described_somewhere() -> None:
    described = "".join(page.read_text() for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
    assert [name for name in COMMANDS if f"python -m bot {name}" not in described and f"`{name}" not in described] == []


def test_the_clock_starts_without_what_only_other_commands_need() -> None:
    program = "import sys; from bot.cli import cli; cli.get_command(None, 'clock'); print('sklearn' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "False"
