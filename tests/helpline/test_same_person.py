"""Cases of one citizen, by conversation, by number that texts and by contact left."""

from __future__ import annotations

from bot.db import Database
from bot.helpline.same_person import other_cases
from bot.helpline.subscribers import subscriber_of
from bot.reviews.chores import do_chores
from bot.reviews.contacts import leave_contact
from bot.sealing import own_sealer
from bot.staff.roles import Role
from tests.reviews.town import NOON, add_department, add_person, open_case


def test_cases_of_one_number_are_found_over_all_channels(database: Database) -> None:
    sealer = own_sealer()
    with database.transaction() as session:
        clerk = add_person(session, "王芳")
        officer = add_person(session, "赵敏", Role.DEPARTMENT, add_department(session))
        texting = subscriber_of(session, sealer, "sms", "+86 139 1112 2233").conversation_id
        by_text, on_page, older = (open_case(session, one) for one in (texting, "page", "older"))
        open_case(session, "other")
        leave_contact(on_page, "13911122233", sealer)
        older.contact_sealed = sealer.seal("13911122233")
        assert [one.id for one in other_cases(session, by_text, seen_by=clerk)] == [on_page.id]
        do_chores(session, NOON)  # digests the contact that was left before there were digests
        assert [one.id for one in other_cases(session, by_text, seen_by=clerk)] == [older.id, on_page.id]
        assert [one.id for one in other_cases(session, on_page, seen_by=clerk)] == [older.id, by_text.id]
        assert other_cases(session, by_text, seen_by=officer) == []
