"""The databases that tests run on: SQLite always, PostgreSQL where a server is installed."""

from __future__ import annotations

import fcntl
import gc
import glob
import os
import shutil
import signal
import subprocess
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from argon2 import PasswordHasher

from tests.clock import NOW
from tests.compiled import compile_once
from tests.databases import KEPT, set_up

# Set before anything is sealed: one key for the tests' own process and for all processes that they start.
os.environ.setdefault("IDENTITY_KEY", "bm90LWEtc2VjcmV0LWJ1dC1mb3ItdGVzdHMtYWxvbmU=")

import pytest
import time_machine
from hypothesis import settings as hypothesis_settings
from sqlalchemy import text
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from bot import workdays
from bot.db import Database
from bot.disclosures import identity
from bot.places import ROOT
from bot.running import preparation
from bot.running.ports import free_port
from bot.settings import Settings
from bot.staff import passwords

# Far longer than any test takes on the slowest machine.
HANGS_AFTER_SECONDS = 1200
# Kept between runs, so that a model is trained only when what it is made of changed.
VAR_DIR = ROOT / "var" / "test"


# Passwords and query codes are hashed as cheaply as can be: the tests sign in hundreds of times.
for module in (passwords, identity):
    module._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    module._NOBODYS_HASH = module._HASHER.hash("of nobody")

compile_once()

# A slow machine is not a fault.
hypothesis_settings.register_profile("without deadline", deadline=None)
hypothesis_settings.load_profile("without deadline")

# Folders of tests that start processes. The clock of these processes is the machine's.
_WITH_PROCESSES = {"e2e", "web_processes", "rasa"}
# These folders come first, in this order; all others follow.
_FIRST = {"e2e": 0, "web_processes": 1}

# A test that uses no fixtures but these needs neither a database nor another process, model or index.
_CHEAP_FIXTURES = {
    *("ends", "calendar", "clock", "limits_clock"),
    *("request", "monkeypatch", "tmp_path", "capsys", "caplog", "event_loop_policy"),
}


class ByFile(LoadScopeScheduling):
    """Shares the files of tests among the workers. All of `tests/e2e` is for one of them: it starts one assistant.

    (xdist's own groups do nothing with this release of pytest: it no longer reads the name in which xdist puts them.)
    """

    def _split_scope(self, nodeid: str) -> str:
        return "tests/e2e" if nodeid.startswith("tests/e2e/") else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks as `slow` what `make fast` leaves out. A module may say so of itself too (`pytestmark`).

    The long tests of whole processes come first, so that at the end no worker is alone with one. While the first worker
    trains the model for `e2e`, the second takes `web_processes`, which need none.
    """
    items.sort(key=lambda item: _FIRST.get(item.path.parent.name, len(_FIRST)))
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        if fixtures - _CHEAP_FIXTURES - set(parameters):
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Python looks for what nobody refers to any more among all that is new: not also, each time, among all tests."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def ends() -> Iterator[None]:
    """A test that waits too long fails and says where it waited; the other tests still run."""

    def give_up(*_: object) -> None:
        pytest.fail(f"not done after {HANGS_AFTER_SECONDS} s")

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(HANGS_AFTER_SECONDS)
    yield
    signal.alarm(0)


@pytest.fixture(autouse=True)
def clock(request: pytest.FixtureRequest) -> Iterator[None]:
    """The hour and the day of the week at which the tests run decide nothing: the clock begins at `NOW` and goes on.

    A test that compares times with another process or with a library in C is marked `machine_clock` and keeps the
    machine's clock.
    """
    if _WITH_PROCESSES & set(request.path.parts) or request.node.get_closest_marker("machine_clock"):
        yield
        return
    with time_machine.travel(NOW):
        yield


@pytest.fixture(autouse=True)
def calendar() -> Iterator[None]:
    """Each test begins with the package's holidays: every command that a test runs follows those of its own folder."""
    yield
    workdays.follow(None)


@pytest.fixture(scope="session")
def model() -> Path:
    """The trained model of the sample city, made as `make run` makes it; by one process at a time."""
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    with (VAR_DIR / "prepare.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return preparation.prepare(Settings.from_environment({"VAR_DIR": str(VAR_DIR)}))


def postgresql_programs() -> list[str]:
    """The paths of `initdb`, oldest release first; empty where PostgreSQL's server is not installed."""
    on_path = shutil.which("initdb")
    # Debian keeps the server's programs off the path.
    return [on_path] if on_path else sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a database on a PostgreSQL server of our own, on a free port, under a temporary folder."""
    programs = postgresql_programs()
    if not programs:
        pytest.skip("PostgreSQL's server is not installed")
    binaries = Path(programs[-1]).resolve().parent
    # Not under pytest's own folder, which only its owner may enter.
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    # The server refuses to run as root; Debian's package brings a user for it.
    as_user: list[str] = []
    if os.geteuid() == 0:
        as_user = ["runuser", "-u", "postgres", "--"]
        shutil.chown(folder, "postgres")
    port = free_port()
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": "/"}
    data = str(folder / "data")
    subprocess.run([*as_user, str(binaries / "initdb"), "-D", data, "-U", "city", "-A", "trust", "-E", "UTF8"], **quiet)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    pg_ctl = [*as_user, str(binaries / "pg_ctl"), "-D", data, "-w", "-l", str(folder / "log")]
    subprocess.run([*pg_ctl, "-o", options, "start"], **quiet)
    try:
        subprocess.run([str(binaries / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "city", "city"], **quiet)
        yield f"postgresql://city@127.0.0.1:{port}/city"
    finally:
        subprocess.run([*pg_ctl, "-m", "immediate", "stop"], **quiet)
        shutil.rmtree(folder)


@pytest.fixture
def postgresql_url(postgresql_server: str) -> str:
    """An empty database."""
    database = Database(postgresql_server)
    with database.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    database.close()
    return postgresql_server


@pytest.fixture(scope="session")
def postgresql_kept(postgresql_server: str) -> str:
    """A database whose schema is kept from test to test, for what outlives a test."""
    database = Database(postgresql_server)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {KEPT}"))
    database.close()
    return postgresql_server.removesuffix("/city") + f"/{KEPT}"


@pytest.fixture
def postgresql_kept_url(postgresql_kept: str, request: pytest.FixtureRequest) -> str:
    """The same database, with another address for each test: what a process keeps of a database (`bot.search.kept`), it
    keeps by the address.
    """
    return f"{postgresql_kept}?application_name=test-{zlib.crc32(request.node.nodeid.encode())}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without rows. It may have tables or not, for tests that run the migrations first."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    url: str = request.getfixturevalue("postgresql_kept_url")
    kept = Database(url)
    set_up(kept)
    kept.close()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database of the newest schema, made by the migrations themselves."""
    opened = Database(database_url)
    # The address of PostgreSQL is given out with the tables in it.
    if opened.engine.dialect.name == "sqlite":
        set_up(opened)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server of our own, on a free port."""
    if not shutil.which("redis-server"):
        pytest.skip("Redis is not installed")
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        for line in server.stdout:
            if "Ready to accept connections" in line:
                break
        yield f"redis://127.0.0.1:{port}/0"
        server.terminate()
