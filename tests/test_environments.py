"""The environments are built from the lock files as they were when the installation began."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.running import environments
from bot.running.environments import Environment


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Environment:
    monkeypatch.setattr(environments, "ROOT", tmp_path)
    monkeypatch.setattr(environments, "VENVS", tmp_path / ".venv")
    made = Environment("web", ("3.11", "3.12", "3.13"))
    made.lock.parent.mkdir()
    made.lock.write_text("aiohttp==1")
    return made


def installer(environment: Environment, changes_lock: bool) -> Callable[..., None]:
    def install(command: list[str], *_: int) -> None:
        environment.python.parent.mkdir(parents=True, exist_ok=True)
        environment.python.touch()
        if changes_lock and "-r" in command:
            environment.lock.write_text("aiohttp==2")

    return install


@pytest.mark.parametrize("changes_lock", [False, True])
def test_a_lock_file_that_changes_meanwhile_makes_the_environment_out_of_date(
    monkeypatch: pytest.MonkeyPatch, environment: Environment, changes_lock: bool
) -> None:
    for name in ("_run", "_run_pip"):
        monkeypatch.setattr(environments, name, installer(environment, changes_lock))
    environment.make()
    assert environment.is_current is not changes_lock


@pytest.mark.parametrize(
    ("with_ocr", "is_there", "made"),
    [(False, False, 2), (True, False, 3), (False, True, 3)],
    ids=["not asked for", "asked for", "there already"],
)
def test_what_reads_scans_is_made_only_where_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, with_ocr: bool, is_there: bool, made: int
) -> None:
    monkeypatch.setattr(environments, "VENVS", tmp_path)
    asked: list[str] = []
    monkeypatch.setattr(Environment, "make", lambda self: asked.append(self.name))
    if is_there:
        environments.OCR.folder.mkdir()
    environments.make_environments(with_ocr=with_ocr)
    assert asked == ["engine", "web", "ocr"][:made]


PIP = """
import sys
for number in range(50):
    print(f"Collecting package{number}==1")
print("WARNING: of no interest")
print("Installing collected packages: all of them")
sys.exit(%d)
"""


@pytest.mark.parametrize("status", [0, 1])
def test_what_pip_says_is_told_as_progress_and_in_full_only_if_it_fails(
    capsys: pytest.CaptureFixture[str], status: int
) -> None:
    def install() -> None:
        environments._run_pip([sys.executable, "-c", PIP % status], 50)

    if status:
        with pytest.raises(subprocess.CalledProcessError):
            install()
    else:
        install()
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        "  25 of 50 packages fetched",
        "  50 of 50 packages fetched",
        "  installing 50 packages …",
    ]
    assert ("WARNING" in told.err) == bool(status)


def test_a_machine_without_internet_installs_from_what_another_one_fetched(
    monkeypatch: pytest.MonkeyPatch, environment: Environment, tmp_path: Path
) -> None:
    commands: list[list[str]] = []

    def note(command: list[str], *_: int) -> None:
        commands.append(command)
        environment.folder.mkdir(parents=True, exist_ok=True)

    for name in ("_run", "_run_pip"):
        monkeypatch.setattr(environments, name, note)
    monkeypatch.setattr(environments.shutil, "which", lambda name: None if name == "uv" else sys.executable)
    environment.fetch(tmp_path / "wheelhouse")
    assert {"download", "--require-hashes", str(tmp_path / "wheelhouse")} <= {*commands[-1]}
    monkeypatch.setenv("WHEELHOUSE", str(tmp_path / "wheelhouse"))
    environment.make()
    offline = ["install", "--no-index", "--find-links", str(tmp_path / "wheelhouse"), "--require-hashes"]
    assert commands[-1][3:8] == offline
