"""Of several web processes one does the chores."""

from __future__ import annotations

import pytest

from bot.running.ports import free_port
from bot.web import leader
from bot.web.leader import Leader


async def test_one_leads_and_another_follows_when_it_stops_or_its_lease_runs_out(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (Leader(redis_url) for _ in range(3))
    for _ in range(2):
        await first.look()
        await second.look()
        assert (first.leads, second.leads) == (True, False)
    await first.stop()
    await second.look()
    assert second.leads
    # As if it were dead: it renews nothing, and Redis forgets the lease.
    assert second._server is not None
    await second._server.delete(leader._NAME)
    await third.look()
    await second.look()
    assert (second.leads, third.leads) == (False, True)
    await second.stop()
    await third.look()
    assert third.leads
    await third.stop()


async def test_without_redis_or_while_it_is_away_every_process_does_the_chores() -> None:
    assert Leader(None).leads
    lonely = Leader(f"redis://127.0.0.1:{free_port()}/0")
    assert not lonely.leads
    await lonely.look()
    assert lonely.leads
    await lonely.stop()
