"""Written files are readable by their owner alone, and no log grows for ever."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

from bot.private_files import make_private
from bot.running.log_files import OLDER_FILES, rotate


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_lay_there_before_is_taken_from_others_but_links_lead_elsewhere(tmp_path: Path) -> None:
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "var" / "logs"
    folder.mkdir(parents=True)
    for path in (elsewhere, folder / "engine.log"):
        path.touch()
        path.chmod(0o644)
    folder.chmod(0o755)
    (folder / "link").symlink_to(elsewhere)
    make_private(tmp_path / "var")
    assert (mode(tmp_path / "var"), mode(folder), mode(folder / "engine.log")) == (0o700, 0o700, 0o600)
    assert mode(elsewhere) == 0o644


def test_a_command_writes_for_its_own_user_alone(tmp_path: Path) -> None:
    script = f"from bot import private_files; private_files.keep_private(); open({str(tmp_path / 'new')!r}, 'w')"
    subprocess.run([sys.executable, "-c", script], check=True)
    assert mode(tmp_path / "new") == 0o600


def test_a_log_that_is_too_long_is_put_aside_and_its_writer_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "web.log"
    with path.open("ab", buffering=0) as log:
        for number in range(OLDER_FILES + 2):
            log.write(f"{number} is long enough\n".encode())
            assert rotate(tmp_path, most_bytes=5) == [path]
        log.write(b"new")
        assert rotate(tmp_path, most_bytes=5) == []
    assert path.read_text() == "new"
    older = sorted(tmp_path.glob("web.log.*"))
    assert len(older) == OLDER_FILES
    assert older[0].read_text() == f"{OLDER_FILES + 1} is long enough\n"
