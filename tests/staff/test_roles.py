"""The table of roles and permissions."""

from __future__ import annotations

from bot.environments import ROOT
from bot.reviews.states import TRANSITIONS
from bot.staff.roles import PERMISSION_TITLES, PERMISSIONS, ROLE_TITLES, Permission, Role


def test_every_role_and_permission_has_a_title_and_a_place_in_the_table() -> None:
    assert set(PERMISSIONS) == set(ROLE_TITLES) == set(Role)
    assert set(PERMISSION_TITLES) == set(Permission)
    assert frozenset().union(*PERMISSIONS.values()) == set(Permission)


def test_an_administrator_does_not_read_conversations() -> None:
    assert PERMISSIONS[Role.ADMINISTRATOR] == {Permission.MANAGE_STAFF, Permission.SEE_AUDIT}


def test_only_an_administrator_manages_accounts() -> None:
    assert [role for role in Role if Permission.MANAGE_STAFF in PERMISSIONS[role]] == [Role.ADMINISTRATOR]


def test_every_transition_of_a_case_asks_for_a_permission_that_exists() -> None:
    asked = {transition.permission for transition in TRANSITIONS.values() if transition.permission}
    assert asked <= {permission.value for permission in Permission}


def test_the_documentation_shows_the_table_as_it_is() -> None:
    lines = (ROOT / "docs" / "staff.md").read_text().splitlines()
    for permission, title in PERMISSION_TITLES.items():
        marks = " | ".join("✓" if permission in PERMISSIONS[role] else "" for role in Role)
        assert f"| {title} (`{permission}`) | {marks} |" in lines
