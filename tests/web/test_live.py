"""Waking listeners, within a process and between two over Redis."""

import asyncio
from pathlib import Path

from limits import parse

from bot.running.ports import free_port
from bot.settings import Settings
from bot.web.live import Live
from bot.web.rates import rate_limiter
from tests.patience import WITHIN_SECONDS


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
