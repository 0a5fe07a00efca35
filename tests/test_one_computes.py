"""Of the threads that answer, one computes at a time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from bot.one_computes import Gate

LONG = 60.0


def test_the_next_one_computes_while_the_first_one_waits() -> None:
    gate = Gate(patience_seconds=LONG)
    order: list[str] = []
    first_is_in, second_is_done = threading.Event(), threading.Event()

    def first() -> None:
        with gate.computing():
            first_is_in.set()
            order.append("first")
            with gate.waiting():
                assert second_is_done.wait(LONG)
            order.append("first again")

    def second() -> None:
        assert first_is_in.wait(LONG)
        with gate.computing():
            order.append("second")
        second_is_done.set()

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(first), threads.submit(second)]:
            done.result()
    assert order == ["first", "second", "first again"]


def test_whoever_waits_in_vain_computes_beside_the_other() -> None:
    gate = Gate(patience_seconds=0)

    def beside() -> str:
        with gate.computing(), gate.waiting():
            return "done"

    with ThreadPoolExecutor(1) as threads, gate.computing():
        assert threads.submit(beside).result() == "done"


def test_computing_within_computing_lets_nobody_in_before_the_outer_one_ends() -> None:
    gate = Gate(patience_seconds=LONG)
    order: list[str] = []

    def other() -> None:
        with gate.computing():
            order.append("other")

    with ThreadPoolExecutor(1) as threads:
        with gate.computing():
            with gate.computing():
                waits = threads.submit(other)
            order.append("outer")
        waits.result()
    assert order == ["outer", "other"]


def test_waiting_outside_does_nothing() -> None:
    with Gate().waiting():
        pass
