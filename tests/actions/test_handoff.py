"""Handing a conversation to a person, also over the engine's own channel, where no message is stored."""

from __future__ import annotations

import pytest

from actions.handoff import ActionHandoff
from bot.catalogue.models import City
from bot.db import Database
from bot.reviews import service
from tests.actions.test_approvals import turn

ASKED = [{"by": "citizen", "text": "我电话13800138000，居住证怎么办"}, {"by": "bot", "text": "您好"}]


@pytest.mark.parametrize("is_pressed", [False, True])
def test_who_asks_for_a_person_gets_the_number_of_a_case_about_what_was_asked(
    database: Database, is_pressed: bool
) -> None:
    with database.transaction() as session:
        session.add(City(name="云河市", is_sample=True, hotline="12345", hotline_hours="全天", portal_url=""))
        transcript = [*ASKED, {"by": "citizen", "text": "转人工"}]
        typed = [ASKED[0]["text"]]
        asked = turn(text="转人工", transcript=transcript, typed_before=typed, is_pressed=is_pressed)
        (reply,) = ActionHandoff().answer(session, asked).replies
        (case,) = service.open_cases(session)
        assert reply.custom is not None
        assert (reply.custom["kind"], reply.custom["case"]) == ("handoff", case.number)
        assert isinstance(reply.custom["online"], bool)
        assert (case.question, case.reasons) == ("我电话[手机号]，居住证怎么办", ["asked_for_person"])
        assert len(case.transcript) == 3


def test_who_asks_for_a_person_at_once_is_a_case_too(database: Database) -> None:
    with database.transaction() as session:
        session.add(City(name="云河市", is_sample=True, hotline="12345", hotline_hours="全天", portal_url=""))
        ActionHandoff().answer(session, turn(text="转人工", transcript=[{"by": "citizen", "text": "转人工"}]))
        (case,) = service.open_cases(session)
        assert case.question == "转人工"
