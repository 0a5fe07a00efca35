"""What operators rely on: restarts lose nothing, dead processes are started again, PostgreSQL works like SQLite."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import requests

from benchmarks import faults, machines
from benchmarks.fault_causes import ON_SERVERS, Reached
from benchmarks.machines import NAME as USER
from benchmarks.machines import PASSWORD, Server
from benchmarks.tcp_relay import TcpRelay
from bot.db import Database
from bot.evaluation.running import resumed_assistant, running_assistant
from bot.places import ROOT
from tests.e2e.conftest import City
from tests.e2e.leaks import leaks_in_database
from tests.e2e.test_filing import IDENTITY_NUMBER, NAME, PHONE, filed_by
from tests.patience import WITHIN_SECONDS


def kill(city: City, pattern: str) -> None:
    subprocess.run(["pkill", "-KILL", "-P", str(city.process.pid), "-f", "--", pattern], check=True)


def test_an_encoder_that_is_killed_comes_back(city: City) -> None:
    kill(city, "bot.answering.encoder")
    said = city.wait_for("encoder ready after")
    assert any("encoder stopped (killed by signal 9)" in line for line in said)


def test_behind_a_proxy_no_process_can_be_reached_from_another_machine(city: City) -> None:
    children = subprocess.run(["pgrep", "-P", str(city.process.pid)], check=True, capture_output=True, text=True)
    addresses = listening_addresses([str(city.process.pid), *children.stdout.split()])
    assert len(addresses) >= 4, "relay, engine, actions and web"
    assert {address.rpartition(":")[0] for address in addresses} <= {LOOPBACK, LOOPBACK_6}


# As the kernel writes them in /proc/net/tcp: proc(5).
LOOPBACK, LOOPBACK_6, LISTENING = "0100007F", "00000000000000000000000001000000", "0A"


def listening_addresses(processes: list[str]) -> set[str]:
    """`ADDRESS:PORT`, both in hexadecimal, of each socket on which one of these processes listens."""
    theirs = set()
    for descriptor in (one for pid in processes for one in Path(f"/proc/{pid}/fd").iterdir()):
        with suppress(FileNotFoundError):  # closed meanwhile
            theirs.add(str(descriptor.readlink()))
    lines = [line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()]
    return {line[1] for line in lines if line[3] == LISTENING and f"socket:[{line[9]}]" in theirs}


@pytest.fixture
def servers() -> Iterator[dict[str, Server]]:
    """PostgreSQL and Redis, which a test may restart."""
    # Not under pytest's own folder, which only its owner may enter: the database's user has to.
    with tempfile.TemporaryDirectory(prefix="operation-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o711)
        opened = {"postgresql": machines.postgresql, "redis": machines.redis}
        try:
            yield {kind: stack.enter_context(open_server(folder / kind)) for kind, open_server in opened.items()}
        except machines.NotInstalled as missing:
            pytest.skip(str(missing))


async def restart(asked: faults.City) -> None:
    for name in ("postgresql", "redis"):
        await ON_SERVERS[f"{name} restarted"](asked)


def test_everything_runs_on_postgresql_and_redis_nothing_leaks_there_and_their_restart_refuses_nobody(
    servers: dict[str, Server], model: Path, tmp_path: Path
) -> None:
    postgresql_url = f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{servers['postgresql'].port}/{USER}"
    redis_url = f"redis://127.0.0.1:{servers['redis'].port}/0"
    (tmp_path / "models").symlink_to(model.parent)
    with running_assistant(tmp_path, DATABASE_URL=postgresql_url, REDIS_URL=redis_url) as started:
        city = City(started)
        conversation = f"postgresql-{uuid.uuid4()}"
        assert city.say("办居住证要带什么", conversation)[0]["custom"]["code"] == "GA-006"
        assert city.say("那要多少钱", conversation)[0]["custom"]["facet"] == "fee"
        assert city.say("转人工", conversation)[0]["custom"]["case"]
        ready = requests.get(f"{city.portal}/readyz", timeout=WITHIN_SECONDS)
        parts = {"status": "ready", "database": True, "engine": True, "actions": True, "encoder": "up", "warnings": []}
        assert ready.json() == parts
        assert not list(city.var_dir.glob("*.db"))
        filed = filed_by(lambda text: city.say(text, f"{conversation}-filing"))
        city.say(f"我叫{NAME}，身份证{IDENTITY_NUMBER}，电话{PHONE}，补办身份证要带什么", conversation)
        secrets = {NAME, IDENTITY_NUMBER, PHONE, filed.code, filed.code.replace("-", "")}
        database = Database(postgresql_url)
        assert leaks_in_database(database, secrets) == {}
        database.close()

        async def refused_in_a_restart() -> tuple[int, list[str]]:
            reached = {kind: Reached(server, TcpRelay(server.port)) for kind, server in servers.items()}
            async with faults.city_of(started, postgresql_url, reached) as asking:
                met = await faults.measure(asking, restart)
                assert met.questions
                return met.refused, faults.faults_of_storage(asking)

        assert asyncio.run(refused_in_a_restart()) == (0, [])


def test_what_was_destroyed_comes_back_from_a_backup_made_while_it_ran(
    city: City, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the steps of docs/backup.md, on a machine that has nothing but the backup."""
    restored, into, safe = tmp_path / "var", tmp_path / "backups", tmp_path / "safe"

    def bot(*command: str) -> None:
        subprocess.run([sys.executable, "-m", "bot", *command], cwd=ROOT, check=True)

    conversation = f"backup-{uuid.uuid4()}"
    assert city.say("办居住证要带什么", conversation)[0]["custom"]["code"] == "GA-006"
    monkeypatch.setenv("VAR_DIR", str(city.var_dir))
    bot("backup", str(into), "--keys", str(safe))
    monkeypatch.delenv("IDENTITY_KEY")
    monkeypatch.setenv("VAR_DIR", str(restored))
    (archive,), (keys,) = into.iterdir(), safe.iterdir()
    bot("restore", str(archive), "--keys", str(keys))
    with resumed_assistant(restored) as started:
        custom = City(started).say("那要多少钱", conversation)[0]["custom"]
        assert (custom["code"], custom["facet"]) == ("GA-006", "fee")
    assert [path.name for path in (restored / "models").iterdir()] == [model.name]
