"""Makes the two environments from their lock files: `python3 -m bot.running.environments`; with `ocr` a third one too.

Standard library only, since nothing else is there yet. The engine keeps Rasa 3.6's old pins on Python 3.10; everything
else runs on Python 3.11 or newer. The third one only reads scans. An environment is made again only when its lock file
changed.

`python3 -m bot.running.environments wheelhouse` downloads the packages of all three into `wheelhouse/`. With the
variable WHEELHOUSE set to such a folder nothing is fetched from anywhere else, for machines without internet.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.places import ROOT

VENVS = ROOT / ".venv"
# How many of pip's last lines are printed if it fails, and after how many packages progress is printed.
_LAST_WORDS, _TOLD_EVERY = 20, 25
# Environment variables for the libraries of linear algebra, which read them when numpy is imported. The matrices are
# small: a second thread costs more to wake and to wait for than it saves.
ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)


class NoPython(RuntimeError):
    """No interpreter of the right version was found; the message says what to install."""


@dataclass(frozen=True)
class Environment:
    """`pythons`: the versions that will do, best first."""

    name: str
    pythons: tuple[str, ...]

    @property
    def folder(self) -> Path:
        return VENVS / self.name

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def lock(self) -> Path:
        return ROOT / "requirements" / f"{self.name}.lock"

    @property
    def is_current(self) -> bool:
        stamp = self.folder / "lock.sha256"
        return self.python.exists() and stamp.exists() and stamp.read_text() == self._digest()

    def make(self) -> None:
        """Raises `NoPython` when no interpreter will do, `CalledProcessError` when a package won't install."""
        # Read before it is installed: a lock file that changes meanwhile makes the environment out of date again.
        digest = self._digest()
        shutil.rmtree(self.folder, ignore_errors=True)
        self._make_bare(self.folder)
        locked = [*_only_from_wheelhouse(), "--require-hashes", "-r", str(self.lock)]
        uv = shutil.which("uv")
        if uv:
            _run([uv, "pip", "install", "--python", str(self.python), *locked])
        else:
            _run_pip([str(self.python), "-m", "pip", "install", *locked], self._package_count())
        (self.folder / "lock.sha256").write_text(digest)

    def fetch(self, wheelhouse: Path) -> None:
        """Downloads the locked packages as this machine would install them. Raises as `make` does."""
        with TemporaryDirectory() as bare:
            self._make_bare(Path(bare), with_pip=True)
            pip = [str(Path(bare) / "bin" / "python"), "-m", "pip", "download"]
            locked = ["--no-deps", "--require-hashes", "-r", str(self.lock), "--dest", str(wheelhouse)]
            _run_pip([*pip, *locked], self._package_count())

    def _make_bare(self, folder: Path, *, with_pip: bool = False) -> None:
        interpreter = _find_python(self.pythons)
        uv = shutil.which("uv")
        if uv:
            seed = ["--seed"] if with_pip else []
            _run([uv, "venv", "--quiet", *seed, "--python", interpreter or self.pythons[0], str(folder)])
        elif interpreter:
            _run([interpreter, "-m", "venv", str(folder)])
        else:
            raise NoPython(
                f"the {self.name} environment needs Python {' or '.join(self.pythons)}, and none was found. "
                "Install it (pyenv and your system's packages have it), or install uv, which fetches it."
            )

    def _package_count(self) -> int:
        return len(re.findall(r"^\S+==", self.lock.read_text(encoding="utf-8"), re.MULTILINE))

    def _digest(self) -> str:
        return hashlib.sha256(self.lock.read_bytes()).hexdigest()


ENGINE = Environment("engine", ("3.10",))
WEB = Environment("web", ("3.13", "3.12", "3.11"))
OCR = Environment("ocr", WEB.pythons)
ENVIRONMENTS = (ENGINE, WEB, OCR)
WHEELHOUSE = "wheelhouse"


def make_environments(*, with_ocr: bool = False) -> None:
    """Makes what is missing or out of date, of `OCR` only what is there. Two calls at once wait for each other."""
    with _one_at_a_time():
        for environment in (ENGINE, WEB, *([OCR] if with_ocr or OCR.folder.exists() else ())):
            if not environment.is_current:
                print(f"Installing the {environment.name} environment (a few minutes the first time) …", flush=True)
                environment.make()
    # Rasa's own commands send telemetry by default; this file switches it off for the whole environment.
    for packages in ENGINE.folder.glob("lib/python*/site-packages"):
        (packages / "no_telemetry.pth").write_text(
            "import os; os.environ.setdefault('RASA_TELEMETRY_ENABLED', 'false')\n"
        )


def fetch_wheelhouse() -> None:
    """Downloads what the three environments are made of. What is there already is not fetched again."""
    for environment in ENVIRONMENTS:
        print(f"Fetching the packages of the {environment.name} environment …", flush=True)
        environment.fetch(ROOT / WHEELHOUSE)


def _only_from_wheelhouse() -> list[str]:
    """Arguments of pip and of uv that keep them to the folder that the variable WHEELHOUSE names, if it is set."""
    folder = os.environ.get("WHEELHOUSE")
    return ["--no-index", "--find-links", str(Path(folder).resolve())] if folder else []


def _find_python(versions: tuple[str, ...]) -> str | None:
    for version in versions:
        candidate = shutil.which(f"python{version}")
        # pyenv may have a shim for a version that is not selected, so the interpreter is tried.
        if (
            candidate
            and subprocess.run([candidate, "-c", ""], capture_output=True, cwd=ROOT, check=False).returncode == 0
        ):
            return candidate
    running = "{}.{}".format(*sys.version_info)
    return sys.executable if running in versions else None


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, cwd=ROOT, env=_outside_environments())


def _run_pip(command: list[str], count: int) -> None:
    """Runs pip and prints its progress through `count` packages. Its own output is only printed if it fails."""
    said: list[str] = []
    fetched = 0
    with subprocess.Popen(
        [*command, "--disable-pip-version-check", "--progress-bar", "off"],
        cwd=ROOT,
        env=_outside_environments(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as pip:
        assert pip.stdout is not None  # noqa: S101 # it was started with a pipe
        for line in pip.stdout:
            said.append(line)
            if line.startswith("Collecting "):
                fetched += 1
                if fetched % _TOLD_EVERY == 0:
                    print(f"  {fetched} of {count} packages fetched", flush=True)
            elif line.startswith("Installing collected"):
                print(f"  installing {count} packages …", flush=True)
    if pip.returncode:
        print("".join(said[-_LAST_WORDS:]), file=sys.stderr)
        raise subprocess.CalledProcessError(pip.returncode, command)


def _outside_environments() -> dict[str, str]:
    """The variables of this process, without those by which an active environment would be taken for the new one."""
    return {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "PYTHONHOME")}


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    VENVS.mkdir(exist_ok=True)
    with (VENVS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(arguments: Sequence[str]) -> int:
    if list(arguments) not in ([], [OCR.name], [WHEELHOUSE]):
        print(f"error: nothing, {OCR.name} or {WHEELHOUSE} is what can be asked for", file=sys.stderr)
        return 2
    try:
        if WHEELHOUSE in arguments:
            fetch_wheelhouse()
        else:
            make_environments(with_ocr=OCR.name in arguments)
    except NoPython as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"error: {error.cmd[0]} could not fetch or install the packages; see its message above", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
