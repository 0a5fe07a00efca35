from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from bot.places import ROOT
from bot.running import supervisor
from bot.running.one_assistant import AlreadyRunning, is_running, the_only_one
from bot.running.ports import free_port
from bot.running.services import LOCK_STORE, Service, encoder_service, keep_answering, lock_store
from bot.running.supervisor import PortBusy, check_ports
from bot.settings import Settings, SettingsError


def settings(tmp_path: Path, **ports: int) -> Settings:
    return Settings.from_environment({"VAR_DIR": str(tmp_path), **{name: str(port) for name, port in ports.items()}})


def test_a_busy_port_is_named_with_the_setting_to_change(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortBusy, match=f"port {port} is taken by another program; set ENGINE_PORT"):
            check_ports(settings(tmp_path, PORT=free_port(), ENGINE_PORT=port, ACTIONS_PORT=free_port()))


def test_two_processes_cannot_have_one_port(tmp_path: Path) -> None:
    with pytest.raises(PortBusy, match="three different ports"):
        check_ports(settings(tmp_path, PORT=8080, ENGINE_PORT=8080, ACTIONS_PORT=5055))


@pytest.mark.parametrize("value", ["0", "65536", "x", "-1", "80.5"])
def test_a_port_that_is_none_is_refused_with_its_name(value: str) -> None:
    with pytest.raises(SettingsError, match="PORT must be a port number"):
        Settings.from_environment({"PORT": value})


def test_an_empty_setting_is_as_good_as_none() -> None:
    assert Settings.from_environment({"PORT": "", "DATABASE_URL": ""}) == Settings.from_environment({})


def test_a_redis_url_is_taken_apart_for_the_engines_locks() -> None:
    assert lock_store("redis://127.0.0.1:6380/2") == {
        "type": LOCK_STORE, "url": "127.0.0.1", "port": 6380, "db": 2, "use_ssl": False,
    }  # fmt: skip
    assert lock_store("rediss://city:a%40b@cache") == {
        "type": LOCK_STORE, "url": "cache", "db": 0, "username": "city", "password": "a@b", "use_ssl": True,
    }  # fmt: skip


# Has a life for each argument after the first two: what it answers to each look in turn, the last of them ever after.
LIVES = """
import os, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from contextlib import suppress
from pathlib import Path
port, starts, *lives = sys.argv[1:]
with Path(starts).open("a+") as file:
    file.write(".")
    life = lives[file.tell() - 1].split(",")
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        status = life.pop(0) if len(life) > 1 else life[0]
        if status == "ends":
            os._exit(0)
        self.send_response(int(status))
        self.end_headers()
HTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
"""


def helper(tmp_path: Path, *lives: str) -> Service:
    port = free_port()
    command = [sys.executable, "-c", LIVES, str(port), str(tmp_path / "starts"), *lives]
    return Service("helper", command, dict(os.environ), f"http://127.0.0.1:{port}/", tmp_path / "helper.log")


def test_two_assistants_do_not_run_in_one_folder(tmp_path: Path) -> None:
    ours = settings(tmp_path)
    assert not is_running(ours)
    with the_only_one(ours):
        assert is_running(ours)
        with pytest.raises(AlreadyRunning, match="stop it first"), the_only_one(ours):
            raise AssertionError("never reached")
    assert not is_running(ours)


# Starts a process as the supervisor does, and stays.
SUPERVISOR = """
import asyncio, os, sys
from contextlib import suppress
from pathlib import Path
from bot.running.services import Service
async def main(child, pipe, log):
    await Service("child", [sys.executable, "-c", child, pipe], dict(os.environ), "", Path(log)).start()
    await asyncio.Event().wait()
asyncio.run(main(*sys.argv[1:]))
"""
CHILD = """
import sys, time
with open(sys.argv[1], "w") as pipe:
    print("up", file=pipe, flush=True)
    time.sleep(3600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent has ended")
def test_what_a_killed_supervisor_started_ends_with_it(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    command = [sys.executable, "-c", SUPERVISOR, CHILD, str(pipe), str(tmp_path / "log")]
    with subprocess.Popen(command, cwd=ROOT) as supervisor, pipe.open() as said:
        assert said.readline() == "up\n"
        supervisor.kill()
        assert said.read() == ""  # comes to its end when the child does


@pytest.mark.parametrize(
    ("lives", "code", "look_every_seconds"),
    [
        (("200,503", "200"), -signal.SIGKILL, 0.01),  # hangs
        # Ends, within four looks even on a busy machine, and the next one takes long to start.
        (("200,ends", ",".join(["503"] * 12 + ["200"])), 0, 1.0),
    ],
)
async def test_a_process_that_hangs_is_started_again_and_one_that_starts_is_left_alone(
    tmp_path: Path, lives: tuple[str, ...], code: int, look_every_seconds: float
) -> None:
    service = helper(tmp_path, *lives)
    first = await service.start()
    keeping = asyncio.create_task(keep_answering(service, asyncio.Event(), look_every_seconds))
    try:
        assert await first.wait() == code
        while service.process is first:
            await asyncio.sleep(0)
        await service.wait_until_ready()
        assert (tmp_path / "starts").read_text() == ".."
    finally:
        keeping.cancel()
        await service.stop()


def test_no_encoder_is_started_where_it_is_off(tmp_path: Path) -> None:
    assert encoder_service(Settings.from_environment({"VAR_DIR": str(tmp_path), "ENCODER": "off"})) is None


class Engines:
    """Stands for `LiveEngine`; writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def begin(self, model: Path) -> str:
        self.told.append(f"begin {model.name}")
        return model.name

    async def stop(self) -> None:
        self.told.append("stop")


@pytest.mark.parametrize(
    ("live", "prepared", "told"),
    [
        ("a", "a", ["begin a", "prepare"]),
        # Nothing was trained yet, or the code has changed since.
        (None, "a", ["prepare", "begin a"]),
        # The preparation finds other names in the catalogue than the lexicon has.
        ("a", "b", ["begin a", "prepare", "stop", "begin b"]),
        ("a", None, ["begin a", "prepare", "stop"]),
        (None, None, ["prepare"]),
    ],
)
async def test_the_engine_starts_before_the_preparation_if_its_model_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, live: str | None, prepared: str | None, told: list[str]
) -> None:
    engines = Engines()

    async def prepare(_: Settings) -> Path:
        engines.told.append("prepare")
        if prepared is None:
            raise supervisor.NotPrepared
        return tmp_path / prepared

    monkeypatch.setattr(supervisor, "current_model", lambda _: live and tmp_path / live)
    monkeypatch.setattr(supervisor, "_prepare", prepare)
    with suppress(supervisor.NotPrepared):
        first = await supervisor._first_engine(settings(tmp_path), engines)  # type: ignore[arg-type]
        assert first == prepared  # type: ignore[comparison-overlap]
    assert engines.told == told
