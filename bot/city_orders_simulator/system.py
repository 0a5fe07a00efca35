"""A simulated work-order system, as unreliable as the contract allows (`docs/city-orders.md`).

It takes each order once however often it is sent, works on it step by step, and tells each state until the assistant
confirms it. It may be slow, fail, tell a state twice, tell a newer one first, or tell nothing and wait to be asked.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp
from yarl import URL

from bot.db import utcnow
from bot.reviews.city_orders import Told
from bot.sms_simulator.luck import Luck
from bot.web.carriers.signing import signed_headers, target_of
from bot.web.city_orders import STATES_PATH

ANSWER = "已派人到现场处理，问题已经解决。"
REASON = "不属于本级受理范围，请核对后另派。"
_TIMEOUT = aiohttp.ClientTimeout(total=10)
_WORTH_AGAIN = (401, 408, 425, 429)


@dataclass(frozen=True)
class Manner:
    """How the system works. `step`: seconds between two states; `delay`: seconds that each answer takes.

    `returns`: it returns orders in place of answering them. `is_silent`: it tells nothing by itself.
    """

    step: float = 2.0
    delay: float = 0.0
    returns: bool = False
    is_silent: bool = False
    retry: float = 1.0


@dataclass
class _Order:
    """`states`: all that were reached, oldest first."""

    body: dict[str, Any]
    outer_number: str
    states: list[dict[str, Any]] = field(default_factory=list)
    is_withdrawn: bool = False


class SimulatedSystem:
    """`assistant`: URL of the assistant that hears of the states. `tell` is called with each thing that happens.

    system = SimulatedSystem(session, "http://127.0.0.1:8080", SECRET, Luck(Faults(double=20)), Manner(), print)
    system.take({"number": "AJ-000001", …})
    await system.settle()
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        assistant: str,
        secret: str,
        luck: Luck,
        manner: Manner,
        tell: Callable[[str], None],
        now: Callable[[], datetime] = utcnow,
    ) -> None:
        self.assistant = assistant.rstrip("/")
        self.secret = secret
        self.luck = luck
        self.manner = manner
        self.orders: dict[str, _Order] = {}
        self._session = session
        self._tell = tell
        self._now = now
        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, body: dict[str, Any]) -> dict[str, Any]:
        """The state of the order; one that is sent again is the same."""
        number = str(body["number"])
        if number not in self.orders:
            self.orders[number] = _Order(body, f"GD-{len(self.orders) + 1:06}")
            self._reach(self.orders[number], Told.RECEIVED)
            self._tell(f"{number}: {body['question']} ({body['request']})")
            task = asyncio.create_task(self._work(self.orders[number]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return self.orders[number].states[-1]

    def state_of(self, number: str) -> dict[str, Any] | None:
        order = self.orders.get(number)
        return order.states[-1] if order else None

    def withdraw(self, number: str) -> bool:
        """False if there is no such order."""
        if number in self.orders:
            self.orders[number].is_withdrawn = True
            self._tell(f"{number}: withdrawn")
        return number in self.orders

    async def settle(self) -> None:
        """Returns once every order is worked on and told."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _work(self, order: _Order) -> None:
        last = Told.RETURNED if self.manner.returns else Told.DONE
        untold: list[dict[str, Any]] = []
        for state in (Told.ACCEPTED, Told.IN_PROGRESS, last):
            await asyncio.sleep(self.manner.step)
            if order.is_withdrawn:
                return
            untold.append(self._reach(order, state))
            if state is not last and self.luck.overtakes():
                continue  # it is told after the next one
            await self._tell_all(untold[::-1])
            untold.clear()

    def _reach(self, order: _Order, state: Told) -> dict[str, Any]:
        reached = {
            "number": order.body["number"],
            "outer_number": order.outer_number,
            "state": state.value,
            "sequence": len(order.states) + 1,
            "at": self._now().isoformat(),
            **({"answer": ANSWER} if state is Told.DONE else {}),
            **({"reason": REASON} if state is Told.RETURNED else {}),
        }
        order.states.append(reached)
        return reached

    async def _tell_all(self, states: Sequence[dict[str, Any]]) -> None:
        if self.manner.is_silent:
            return
        for state in states:
            for _ in range(2 if self.luck.doubles() else 1):
                while not await self._told(state):
                    await asyncio.sleep(self.manner.retry)

    async def _told(self, state: dict[str, Any]) -> bool:
        """Whether the assistant took it, or never will."""
        body, url = json.dumps(state, ensure_ascii=False).encode(), self.assistant + STATES_PATH
        headers = {
            "Content-Type": "application/json",
            **signed_headers(self.secret, target_of("POST", URL(url)), body, self._now()),
        }
        try:
            async with self._session.post(url, data=body, headers=headers, timeout=_TIMEOUT) as response:
                answer = await response.text(errors="replace")
        except (aiohttp.ClientError, TimeoutError) as error:
            self._tell(f"! The assistant does not answer ({type(error).__name__}); tried again.")
            return False
        self._tell(f"{state['number']}: {state['state']} → {response.status} {answer}")
        return response.status < 500 and response.status not in _WORTH_AGAIN
