"""Waking listeners, within a process and between two over Redis."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from limits import parse
from limits.aio.storage import memory

from benchmarks.tcp_relay import TcpRelay
from bot.running.ports import free_port
from bot.settings import Settings
from bot.web import live as changes
from bot.web import redis_client
from bot.web.live import Live
from bot.web.rates import rate_limiter
from tests.patience import WITHIN_SECONDS
from tests.reviews.town import NOON


async def test_only_who_listens_to_the_topic_is_woken() -> None:
    live = Live()
    with live.listening("a") as of_a, live.listening("b", "c") as of_b_and_c:
        await live.changed("a")
        assert (of_a.is_set(), of_b_and_c.is_set()) == (True, False)
        await live.changed("c")
        assert of_b_and_c.is_set()


async def test_who_no_longer_listens_leaves_nothing_behind() -> None:
    live = Live()
    with live.listening("a"):
        pass
    await live.changed("a")
    assert not live._listeners


async def test_another_process_hears_of_it_over_redis(redis_url: str) -> None:
    here, there = Live(redis_url), Live(redis_url)
    await there.start()
    try:
        with there.listening("a") as changed:
            # Once it has subscribed, it makes every listener look again.
            await asyncio.wait_for(changed.wait(), WITHIN_SECONDS)
            changed.clear()
            await here.changed("a")
            await asyncio.wait_for(changed.wait(), WITHIN_SECONDS)
    finally:
        await there.stop()
        await here.stop()


async def test_without_redis_behind_the_url_this_process_still_hears_itself(tmp_path: Path) -> None:
    live = Live(f"redis://127.0.0.1:{free_port()}/0")
    with live.listening("a") as changed:
        await live.changed("a")
        assert changed.is_set()
    await live.stop()


async def test_rates_are_counted_by_all_processes_together(redis_url: str) -> None:
    once = parse("1/hour")
    here, there = (rate_limiter(Settings.from_environment({"REDIS_URL": redis_url})) for _ in range(2))
    assert await here.hit(once, "somebody")
    assert not await there.hit(once, "somebody")


async def test_what_changed_while_redis_was_away_is_told_when_it_is_back(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "_PAUSE_SECONDS", 0.01)
    relay = TcpRelay(urlsplit(redis_url).port or 0)
    here, there = Live(f"redis://127.0.0.1:{relay.port}/0"), Live(redis_url)
    await there.start()
    with there.listening("a") as changed:
        await asyncio.wait_for(changed.wait(), WITHIN_SECONDS)
        changed.clear()
        await here.changed("a")
        await relay.open()
        await asyncio.wait_for(changed.wait(), WITHIN_SECONDS)
    await there.stop()
    await here.stop()
    await relay.close()


async def test_a_line_to_redis_that_says_nothing_any_more_is_replaced(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(changes, "_ASKED_AFTER_SECONDS", 0.05)
    relay = TcpRelay(urlsplit(redis_url).port or 0)
    await relay.open()
    here, there = Live(redis_url), Live(f"redis://127.0.0.1:{relay.port}/0")
    await there.start()
    with there.listening("a") as changed:
        await asyncio.wait_for(changed.wait(), WITHIN_SECONDS)
        relay.fall_silent()
        relay.speak()
        changed.clear()
        # It subscribes again, and looks at everything that it may have missed.
        await asyncio.wait_for(changed.wait(), WITHIN_SECONDS)
        changed.clear()
        await here.changed("a")
        await asyncio.wait_for(changed.wait(), WITHIN_SECONDS)
    await there.stop()
    await here.stop()
    await relay.close()


async def test_while_redis_hangs_each_process_counts_by_itself(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_client, "ANSWERS_WITHIN_SECONDS", 0.05)
    once = parse("1/hour")
    relay = TcpRelay(urlsplit(redis_url).port or 0)
    await relay.open()
    relay.fall_silent()
    here, there = (
        rate_limiter(Settings.from_environment({"REDIS_URL": f"redis://127.0.0.1:{relay.port}/0"})) for _ in range(2)
    )
    assert await here.hit(once, "somebody else")
    assert not await here.hit(once, "somebody else")
    assert await there.hit(once, "somebody else")
    await relay.close()


@pytest.mark.parametrize("seconds", [-3600.0, 3600.0])
async def test_a_clock_that_is_set_shuts_nobody_out(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    once, rates = parse("1/minute"), rate_limiter(Settings.from_environment({}))
    now = NOON.timestamp()
    monkeypatch.setattr(memory, "time", SimpleNamespace(time=lambda: now))
    assert await rates.hit(once, "somebody")
    assert not await rates.hit(once, "somebody")
    now += seconds
    assert await rates.hit(once, "somebody")
