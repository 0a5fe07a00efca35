"""An outage is one incident."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.db import Database
from bot.incidents import service
from bot.incidents.service import SAME_WITHIN, Kind
from bot.incidents.words import outages

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_all_that_meet_it_count_and_one_answer_ends_it(database: Database) -> None:
    with database.transaction() as session:
        for number in range(3):
            service.meet(session, Kind.ENGINE, NOW + number * MINUTE)
        service.meet(session, Kind.ACTIONS, NOW)
        assert "到现在还没有恢复" in outages(session, NOW)[0].sentence
        assert service.end(session, NOW + 4 * MINUTE, *Kind)
        assert not service.end(session, NOW + 4 * MINUTE, *Kind)
        session.expire_all()
        actions, engine = service.since(session, NOW)
        assert (engine.message_count, engine.began_at, engine.last_at) == (3, NOW, NOW + 2 * MINUTE)
        assert (actions.kind, actions.message_count) == ("actions", 1)
        assert outages(session, NOW + 5 * MINUTE)[1] == (
            "已恢复：问答引擎没有响应，11-27 17:00—17:04，影响 3 条提问。",
            True,
        )


def test_what_fails_again_soon_is_the_same_and_later_another(database: Database) -> None:
    with database.transaction() as session:
        first = service.meet(session, Kind.ENGINE, NOW)
        service.end(session, NOW + MINUTE, *Kind)
        assert service.meet(session, Kind.ENGINE, NOW + MINUTE + SAME_WITHIN).id == first.id
        service.end(session, NOW + 10 * MINUTE, *Kind)
        assert service.meet(session, Kind.ENGINE, NOW + 11 * MINUTE + SAME_WITHIN).id != first.id
        assert len(service.since(session, NOW)) == 2
