"""An SMSC as a process, smpp34's server: `python -m tests.web.smsc PORT`. Killed, it is gone as a real one is.

It says what happens, and is told what to do, a line of JSON each. It says `{"is": "listening"}`, `bound`, `unbound`,
`submitted` with the fields of a submit_sm, and `answered` with the status of the answer to what was delivered.
It is told `{"deliver": {…}}`, or `{"answer_next": [status, …]}`, to which it says `ready`: 0 takes a text, null says
nothing to it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import smpp34

from bot.places import ROOT
from tests.patience import WITHIN_SECONDS

# Longer than anything takes; a test that waits so long has failed.


class Smsc:
    """The process, from the test's side: `await smsc.hear("bound")`, `smsc.tell({…})`, `smsc.kill()`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    @asynccontextmanager
    async def listening_on(cls, port: int) -> Any:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.web.smsc", str(port), stdin=pipe, stdout=pipe, cwd=ROOT
        )
        smsc = cls(process)
        try:
            await smsc.hear("listening")
            yield smsc
        finally:
            await smsc.kill()

    async def hear(self, what: str) -> dict[str, Any]:
        """The next that it says, which must be this."""
        assert self._process.stdout is not None
        async with asyncio.timeout(WITHIN_SECONDS):
            said = json.loads(await self._process.stdout.readline())
        assert said["is"] == what, said
        return said

    def tell(self, what: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")

    async def will_answer(self, *statuses: int | None) -> None:
        """To the next that are submitted."""
        self.tell({"answer_next": statuses})
        await self.hear("ready")

    async def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


def _say(what: str, **more: Any) -> None:
    print(json.dumps({"is": what, **more}), flush=True)


async def _deliver(esme: smpp34.Esme, fields: dict[str, Any]) -> None:
    fields["short_message"] = bytes.fromhex(fields["short_message"])
    fields["tlvs"] = [smpp34.Tlv(int(tag), bytes.fromhex(value)) for tag, value in fields.pop("tlvs", {}).items()]
    answer = await esme.deliver_sm(**fields)
    _say("answered", status=answer.command_status)


async def _obey(lines: asyncio.StreamReader, esmes: list[smpp34.Esme], answers: list[int | None]) -> None:
    under_way = set()
    while line := await lines.readline():
        told = json.loads(line)
        if "answer_next" in told:
            answers += told["answer_next"]
            _say("ready")
        if "deliver" in told:
            task = asyncio.create_task(_deliver(esmes[-1], told["deliver"]))
            under_way.add(task)
            task.add_done_callback(under_way.discard)


async def _serve(port: int) -> None:
    server = smpp34.Server("127.0.0.1", port, system_id="SMSC")
    await server.start()
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    esmes: list[smpp34.Esme] = []
    answers: list[int | None] = []
    held, numbers = [], count(1)
    obeying = asyncio.create_task(_obey(lines, esmes, answers))
    _say("listening")
    while not obeying.done():
        event = await server.next()
        if isinstance(event, smpp34.Esme):
            esmes.append(event)
            _say("bound", system_id=event.system_id)
        elif isinstance(event, smpp34.Unbound):
            _say("unbound")
        else:
            status = answers.pop(0) if answers else 0
            if status is None:
                held.append(event)
            elif status:
                event.reject(status)
            else:
                event.accept(f"{next(numbers)}")
            _say(
                "submitted",
                source=event.source_addr,
                to=event.destination_addr,
                to_ton=event.dest_addr_ton,
                data=event.short_message.hex(),
                esm_class=event.esm_class,
                data_coding=event.data_coding,
                wants_receipt=event.registered_delivery,
            )


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
