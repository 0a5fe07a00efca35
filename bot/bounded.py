"""Runs a function on untrusted data, in a separate process with limited time and memory.

```
with Child() as child:
    document = child.call(read_or_reason, str(path), data)
```

A small file can be made to fill the memory or to take hours. Here only the child ends, and its caller gets an
`OutOfBounds`. The caller accepts nothing from the child but JSON of the function's return type.
"""

from __future__ import annotations

import importlib
import math
import os
import pickle
import resource
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, ParamSpec, TypeVar, get_type_hints

from pydantic import TypeAdapter

from bot.places import ROOT

P = ParamSpec("P")
T = TypeVar("T")

TOO_LONG = "读它用的时间太长，内容可能有问题，没有读"
TOO_LARGE = "展开以后太大，没有读"
TOO_DEEP = "嵌套太深，没有读"
BROKEN = "读不了，文件可能损坏"

_LENGTH = struct.Struct(">Q")
_DONE, _REFUSED = b"=", b"!"
# Environment variables that the child's interpreter needs. It does not get our settings and secrets.
_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR")
_PIECE_BYTES = 1 << 20


class OutOfBounds(Exception):
    """The function was stopped or failed; the message, in Chinese, says why."""


@dataclass(frozen=True)
class Limits:
    """Limits of one call. `wall_seconds` is generous, since a busy machine is slow with any file."""

    cpu_seconds: int = 20
    wall_seconds: int = 120
    memory_bytes: int = 512 << 20


class Child:
    """A process, started at the first call and again after a failed call. Not for several threads at once."""

    def __init__(self, limits: Limits | None = None, python: Path | None = None) -> None:
        """`python`: the interpreter of another environment, if the functions need what only that one has."""
        self._limits = limits or Limits()
        self._python = python or Path(sys.executable)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Child:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Calls `function`, a function of a module with a return type that pydantic can read from JSON.

        Raises:
            OutOfBounds: it took too much, failed, or returned a value of another type.
        """
        try:
            answer = self._asked(pickle.dumps((self._limits, function.__module__, function.__name__, args, kwargs)))
            if answer[:1] != _DONE:
                raise OutOfBounds(answer[1:].decode(errors="replace"))
            returned: T = TypeAdapter(get_type_hints(function)["return"]).validate_json(answer[1:])
            return returned
        except ValueError:
            self.close()
            raise OutOfBounds(BROKEN) from None
        except OutOfBounds:
            # After a failure the child may still use much memory.
            self.close()
            raise

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _asked(self, call: bytes) -> bytes:
        process = self._process = self._process or _started(self._python)
        assert process.stdin is not None  # noqa: S101 # pipes, as `_started` makes them
        assert process.stdout is not None  # noqa: S101
        deadline = time.monotonic() + self._limits.wall_seconds
        try:
            process.stdin.write(_LENGTH.pack(len(call)) + call)
            process.stdin.flush()
            (size,) = _LENGTH.unpack(_received(process.stdout, _LENGTH.size, deadline))
            if size > self._limits.memory_bytes:
                raise OutOfBounds(TOO_LARGE)
            return _received(process.stdout, size, deadline)
        except (BrokenPipeError, EOFError):
            raise OutOfBounds(_why_it_ended(process)) from None


def _started(python: Path) -> subprocess.Popen[bytes]:
    env = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return subprocess.Popen(
        [str(python), "-m", "bot.bounded"], cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


def _received(pipe: IO[bytes], size: int, deadline: float) -> bytes:
    """Raises EOFError where the child ended, OutOfBounds when the time is over."""
    pieces, left = [], size
    while left:
        ready, _, _ = select.select([pipe], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            raise OutOfBounds(TOO_LONG)
        piece = os.read(pipe.fileno(), min(left, _PIECE_BYTES))
        if not piece:
            raise EOFError
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _why_it_ended(process: subprocess.Popen[bytes]) -> str:
    """In Chinese. The kernel ends a child over its time (SIGXCPU); out of memory, a C library may end in any way."""
    try:
        ended = process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        return BROKEN
    return TOO_LONG if ended == -24 else TOO_LARGE if ended < 0 else BROKEN


def _serve() -> None:
    """The child's side: calls come in by standard input, answers go out by what was standard output."""
    calls, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # What a library prints goes to standard error, so that it is not read as an answer.
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Ctrl-C in a terminal reaches all processes; the parent ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while head := calls.read(_LENGTH.size):
        limits, module, name, args, kwargs = pickle.loads(calls.read(*_LENGTH.unpack(head)))  # noqa: S301 # our own
        function = getattr(importlib.import_module(module), name)
        _limit(limits)
        answer = _answer(function, args, kwargs)
        answers.write(_LENGTH.pack(len(answer)) + answer)
        answers.flush()


def _limit(limits: Limits) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = math.ceil(used.ru_utime + used.ru_stime) + limits.cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory_bytes, resource.RLIM_INFINITY))


def _answer(function: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, object]) -> bytes:
    try:
        returned = function(*args, **kwargs)
        return _DONE + TypeAdapter(get_type_hints(function)["return"]).dump_json(returned)
    except MemoryError:
        return _REFUSED + TOO_LARGE.encode()
    except RecursionError:
        return _REFUSED + TOO_DEEP.encode()
    except Exception as error:  # any library may raise anything
        print(f"{function.__name__}: {type(error).__name__}", file=sys.stderr)
        return _REFUSED + BROKEN.encode()


if __name__ == "__main__":
    _serve()
