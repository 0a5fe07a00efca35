"""Variables of canned replies."""

from __future__ import annotations

import pytest

from bot.db import Database
from bot.reviews import handling
from bot.reviews.canned import CannedReplyRefused, filled, save_canned_reply
from bot.reviews.states import CaseActionRefused
from tests.reviews.town import NOON, add_department, add_person, open_case


def test_variables_are_filled_in_and_those_without_a_value_cannot_be_sent(database: Database) -> None:
    with database.transaction() as session:
        case, clerk = open_case(session), add_person(session, "王芳")
        text = filled("{编号} 由{部门}办，{今天}起，{时限}前答复 {别的}", case, NOON)
        assert text == f"{case.number} 由{{部门}}办，3月2日起，3月2日前答复 {{别的}}"
        handling.claim(session, case, clerk, NOON)
        with pytest.raises(CaseActionRefused, match="没填的"):
            handling.reply(session, case, clerk, NOON, text, is_final=True)
        add_department(session)
        handling.pass_to_department(session, case, clerk, NOON, "GA")
        assert "公安局" in filled("{部门}", case, NOON)


def test_an_unknown_variable_is_not_saved(database: Database) -> None:
    with database.transaction() as session, pytest.raises(CannedReplyRefused, match="姓名"):
        save_canned_reply(session, None, title="问候", text="{姓名}您好", department_code=None)
