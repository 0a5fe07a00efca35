"""The order in which waiting citizens are answered."""

from __future__ import annotations

import asyncio

import pytest

from bot.web.line import Line, LineFull


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_the_turn_goes_round_so_that_a_bystander_waits_for_no_crowd() -> None:
    line, answered = Line(at_once=1), list[str]()
    may_end = asyncio.Event()

    async def ask(client: str) -> None:
        async with line.turn(client):
            await may_end.wait()
            answered.append(client)

    asking = [asyncio.create_task(ask("crowd")) for _ in range(5)]
    await settle()
    asking += [asyncio.create_task(ask("bystander")), asyncio.create_task(ask("another"))]
    await settle()
    may_end.set()
    await asyncio.gather(*asking)
    assert answered == ["crowd", "crowd", "bystander", "another", "crowd", "crowd", "crowd"]


async def test_who_waits_is_told_the_place() -> None:
    line, told = Line(at_once=1), list[tuple[str, int]]()
    may_end = asyncio.Event()

    async def ask(client: str) -> None:
        async def tell(place: int) -> None:
            told.append((client, place))

        async with line.turn(client, tell):
            await may_end.wait()

    asking = [asyncio.create_task(ask(client)) for client in ("a", "a", "a", "b")]
    await settle()
    assert told == [("a", 1), ("a", 2), ("b", 2)]
    may_end.set()
    await asyncio.gather(*asking)


async def test_the_line_has_an_end_for_one_client_and_for_all() -> None:
    line = Line(most=3, most_of_client=2)
    with line.place("a"), line.place("a"):
        with pytest.raises(LineFull):
            line.enter("a")
        with line.place("b"), pytest.raises(LineFull):
            line.enter("c")
    with line.place("a"), line.place("c"):
        pass


async def test_who_goes_away_gives_the_turn_to_the_next() -> None:
    line, answered = Line(at_once=1), list[str]()

    async def ask(client: str) -> None:
        async with line.turn(client):
            answered.append(client)
            await asyncio.sleep(0)

    async with line.turn("first"):
        leaving, staying = asyncio.create_task(ask("leaving")), asyncio.create_task(ask("staying"))
        await settle()
        leaving.cancel()
        await settle()
    await staying
    # A person who leaves at the moment of the turn also passes it on.
    async with line.turn("first"):
        leaving, staying = asyncio.create_task(ask("leaving")), asyncio.create_task(ask("staying"))
        await settle()
    leaving.cancel()
    await staying
    assert answered == ["staying", "staying"]
    async with line.turn("free again"):
        pass
