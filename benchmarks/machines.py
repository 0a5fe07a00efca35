"""What a trial with several machines needs, on one: PostgreSQL with a pooler, Redis, a proxy, assistants beside.

The files of `deploy/` are used as they are, but for the addresses.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from benchmarks.processes import descendants
from bot.evaluation.running import RunningAssistant, resumed_assistant
from bot.places import ROOT
from bot.running.ports import free_port

DEPLOY = ROOT / "deploy"
NAME, PASSWORD = "assistant", "a-password-for-a-trial"  # of servers that live as long as the trial
STARTS_WITHIN_SECONDS = 60
# To PostgreSQL and PgBouncer: they do not wait until their clients have left.
AT_ONCE = signal.SIGINT
_NOTHING = subprocess.DEVNULL


class NotInstalled(RuntimeError):
    """A program that the trial starts is missing; the message names Debian's package."""


def program(name: str, package: str) -> str:
    """Its path, also where Debian keeps servers off the path. Raises NotInstalled."""
    places = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", *map(str, _postgresql_folders())))
    found = shutil.which(name, path=places)
    if not found:
        raise NotInstalled(f"{name} is not installed: apt-get install {package}")
    return found


def _postgresql_folders() -> list[Path]:
    return sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


@dataclass
class Server:
    """A program that listens on a port. It keeps its port when it is started again."""

    command: list[str]
    port: int
    user: str | None = None
    stop_by: int = signal.SIGTERM
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Until it listens."""
        self._process = subprocess.Popen(
            self.command, cwd="/", user=self.user, stdin=_NOTHING, stdout=_NOTHING, stderr=_NOTHING
        )
        wait_until_it_listens(self.port, self._process)

    def stop(self) -> None:
        if self._process:
            self._process.send_signal(self.stop_by)
            self._process.wait(STARTS_WITHIN_SECONDS)

    def processes(self) -> list[int]:
        """All of them, the first first."""
        return [self._process.pid, *descendants(self._process.pid)] if self._process else []


@contextmanager
def running(command: list[str], port: int, user: str | None = None, stop_by: int = signal.SIGTERM) -> Iterator[Server]:
    """A server, as soon as it listens; stopped when the block ends."""
    server = Server(command, port, user, stop_by)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def wait_until_it_listens(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise TimeoutError(f"{process.args!r} does not listen on {port}")


def postgres_user(folder: Path) -> str | None:
    """Whom PostgreSQL and PgBouncer run as, who owns the folder then; None for ourselves. They refuse to run as root;
    Debian's packages bring a user for them."""
    if os.geteuid() != 0:
        return None
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, "postgres")
    return "postgres"


def done(command: list[str], user: str | None = None) -> None:
    """Raises CalledProcessError with what it said."""
    environment = {**os.environ, "PGPASSWORD": PASSWORD}
    subprocess.run(command, check=True, cwd="/", user=user, env=environment, stdin=_NOTHING, capture_output=True)


@contextmanager
def postgresql(folder: Path) -> Iterator[Server]:
    """A server with an empty database `assistant`, which may be copied (`replica`)."""
    folder.mkdir()
    password = folder / "password"
    password.write_text(PASSWORD, encoding="ascii")
    user, data, port = postgres_user(folder), folder / "data", free_port()
    initdb = [program("initdb", "postgresql"), "-D", str(data), "-U", NAME, "-E", "UTF8", "-A", "scram-sha-256"]
    done([*initdb, "--pwfile", str(password)], user)
    with running(_server(data, port), port, user, AT_ONCE) as server:
        createdb = [program("createdb", "postgresql"), "-h", "127.0.0.1", "-p", str(port), "-U", NAME, NAME]
        _until_it_answers(createdb)
        yield server


@contextmanager
def replica(folder: Path, of_port: int) -> Iterator[int]:
    """The port of a copy that follows the server at `of_port` and can only be read."""
    folder.mkdir(mode=0o700)
    user, data, port = postgres_user(folder), folder / "data", free_port()
    copy = [program("pg_basebackup", "postgresql"), "-D", str(data), "-R", "-X", "stream", "-c", "fast"]
    copy += ["-d", f"postgresql://{NAME}:{PASSWORD}@127.0.0.1:{of_port}/{NAME}"]
    done(copy, user)
    with running(_server(data, port), port, user, AT_ONCE):
        yield port


def _server(data: Path, port: int) -> list[str]:
    options = {
        "port": str(port),
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": "300",
    }
    server = [program("postgres", "postgresql"), "-D", str(data)]
    return [*server, *(part for name, value in options.items() for part in ("-c", f"{name}={value}"))]


def _until_it_answers(command: list[str]) -> None:
    """A server listens a moment before it takes commands."""
    for left in reversed(range(STARTS_WITHIN_SECONDS)):
        try:
            done(command)
            return
        except subprocess.CalledProcessError:
            if not left:
                raise
            time.sleep(1)


@contextmanager
def pgbouncer(folder: Path, postgresql_port: int, mode: str) -> Iterator[int]:
    """The port of a pooler by `deploy/pgbouncer.ini`. `mode`: transaction or session."""
    folder.mkdir()
    port = free_port()
    users = folder / "userlist.txt"
    users.write_text(f'"{NAME}" "{PASSWORD}"\n', encoding="ascii")
    ours = {
        "host=10.0.0.21 port=5432": f"host=127.0.0.1 port={postgresql_port}",
        "listen_addr = 10.0.0.20": "listen_addr = 127.0.0.1",
        "listen_port = 6432": f"listen_port = {port}\nunix_socket_dir =\nadmin_users = {NAME}",
        "/etc/pgbouncer/userlist.txt": str(users),
        "pool_mode = transaction": f"pool_mode = {mode}",
        # In session mode each open connection of an assistant holds one of PostgreSQL's.
        "default_pool_size = 20": f"default_pool_size = {20 if mode == 'transaction' else 120}",
    }
    written = _write(DEPLOY / "pgbouncer.ini", folder / "pgbouncer.ini", ours)
    with running([program("pgbouncer", "pgbouncer"), str(written)], port, postgres_user(folder), AT_ONCE):
        yield port


@contextmanager
def redis(folder: Path) -> Iterator[Server]:
    folder.mkdir()
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    with running([program("redis-server", "redis-server"), *options], port) as server:
        yield server


@contextmanager
def proxy(kind: str, folder: Path, one: int, two: int) -> Iterator[int]:
    """The port of HAProxy or nginx, with TLS, before the web processes at these two ports."""
    folder.mkdir()
    port = free_port()
    (key, public), both = certificate(folder, "127.0.0.1"), folder / "city.pem"
    both.write_text(public.read_text() + key.read_text())
    machines = {"10.0.0.11:8080": f"127.0.0.1:{one}", "10.0.0.12:8080": f"127.0.0.1:{two}"}
    if kind == "haproxy":
        ours = {"bind :443": f"bind 127.0.0.1:{port}", "/etc/haproxy/city.pem": str(both)}
        written = _write(DEPLOY / "haproxy.cfg", folder / "haproxy.cfg", {**machines, **ours})
        command = [program("haproxy", "haproxy"), "-db", "-f", str(written)]
    else:
        ours = {
            "listen 443": f"listen 127.0.0.1:{port}",
            "/etc/nginx/city.pem": str(public),
            "/etc/nginx/city.key": str(key),
            "worker_processes auto": "worker_processes 2",
        }
        written = _write(DEPLOY / "nginx.conf", folder / "nginx.conf", {**machines, **ours})
        rest = f"daemon off; pid {folder / 'nginx.pid'}; error_log {folder / 'error.log'};"
        command = [program("nginx", "nginx"), "-c", str(written), "-g", rest]
    with running(command, port):
        yield port


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A new key, and its certificate, which it has signed itself. `name`: of the machine."""
    key, public = folder / "city.key", folder / "city.crt"
    openssl = [program("openssl", "openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}"]
    done([*openssl, "-addext", f"subjectAltName=DNS:{name}", "-keyout", str(key), "-out", str(public)])
    return key, public


def _write(example: Path, path: Path, ours: Mapping[str, str]) -> Path:
    """The example with our values in place of its own. Raises ValueError: the example lacks one."""
    content = example.read_text(encoding="utf-8")
    for theirs, value in ours.items():
        if theirs not in content:
            raise ValueError(f"{example} has no {theirs!r}")
        content = content.replace(theirs, value)
    path.write_text(content, encoding="utf-8")
    return path


@dataclass
class Machine:
    """An assistant in a folder and on ports of its own, which keep when it is started again."""

    name: str
    var_dir: Path
    settings: Mapping[str, str]
    port: int = field(default_factory=free_port)
    running: RunningAssistant | None = None
    _closing: ExitStack = field(default_factory=ExitStack)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Raises bot.evaluation.running.NotStarted."""
        self.var_dir.mkdir(parents=True, exist_ok=True)
        settings = {**self.settings, "PORT": str(self.port)}
        self.running = self._closing.enter_context(resumed_assistant(self.var_dir, **settings))

    def processes(self) -> list[int]:
        supervisor = self._supervisor()
        return [supervisor.pid, *descendants(supervisor.pid)]

    @property
    def is_running(self) -> bool:
        return self.running is not None and self.running.process.poll() is None

    def kill(self) -> None:
        """As when its power is cut: none of its processes does anything any more."""
        self._to_all(signal.SIGKILL)
        self.stop()

    def freeze(self) -> None:
        """Connections to it are taken and nothing is answered."""
        self._to_all(signal.SIGSTOP)

    def stop(self) -> None:
        """As an operator stops it, who waits until it is gone."""
        self._closing.close()

    def _to_all(self, number: signal.Signals) -> None:
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _supervisor(self) -> subprocess.Popen[str]:
        assert self.running is not None  # noqa: S101 # it was started
        return self.running.process

    async def figure(self, name: str) -> float | None:
        """A gauge of its `/metrics`; None if it does not answer."""
        with suppress(aiohttp.ClientError, TimeoutError):
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
                session.get(f"{self.url}/metrics") as response,
            ):
                lines = (await response.text()).splitlines()
                return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))
        return None


def browser_at(number: int) -> Callable[[], aiohttp.ClientSession]:
    """Opens sessions that come from an address of their own on the loopback, keep cookies and trust any certificate."""

    def opened() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(ssl=False, local_addr=(f"127.0.{1 + number // 250}.{1 + number % 250}", 0))
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.CookieJar(unsafe=True))

    return opened
