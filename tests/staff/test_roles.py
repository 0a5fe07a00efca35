"""The table of roles and permissions."""

from __future__ import annotations

import pytest

from bot.places import ROOT
from bot.settings import SECOND_FACTOR_ROLES, STAFF_ROLES
from bot.staff.accounts import may
from bot.staff.models import Person
from bot.staff.roles import (
    PERMISSION_TITLES,
    PERMISSIONS,
    ROLE_TITLES,
    SEPARATED_PERMISSIONS,
    Permission,
    Role,
    permissions_in_force,
)


def test_every_role_and_permission_has_a_title_and_a_place_in_the_table() -> None:
    assert set(PERMISSIONS) == set(ROLE_TITLES) == set(Role)
    assert set(PERMISSION_TITLES) == set(Permission)
    assert frozenset().union(*PERMISSIONS.values()) == set(Permission)


def test_an_administrator_does_not_read_conversations() -> None:
    assert PERMISSIONS[Role.ADMINISTRATOR] == {Permission.MANAGE_STAFF, Permission.SEE_AUDIT, Permission.SEE_STATUS}


def test_only_an_administrator_manages_accounts() -> None:
    managers = [role for role in Role if Permission.MANAGE_STAFF in PERMISSIONS[role]]
    assert managers == [Role.ADMINISTRATOR, Role.SECURITY]


def test_where_duties_are_apart_accounts_the_log_and_the_system_are_in_three_hands() -> None:
    def holders(permission: Permission) -> list[Role]:
        return [role for role in Role if permission in SEPARATED_PERMISSIONS[role]]

    assert set(SEPARATED_PERMISSIONS) == set(Role)
    assert holders(Permission.MANAGE_STAFF) == [Role.SECURITY]
    assert holders(Permission.SEE_AUDIT) == [Role.AUDITOR]
    assert Role.ADMINISTRATOR in holders(Permission.SWITCH_BOT)
    assert not SEPARATED_PERMISSIONS[Role.ADMINISTRATOR] & {Permission.MANAGE_STAFF, Permission.SEE_AUDIT}


def test_a_city_sets_duties_apart_by_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    person = Person(login="wang", name="王", role=Role.ADMINISTRATOR)
    assert may(person, Permission.MANAGE_STAFF)
    monkeypatch.setenv("SEPARATE_DUTIES", "1")
    permissions_in_force.cache_clear()
    try:
        assert not may(person, Permission.MANAGE_STAFF)
        assert may(person, Permission.SWITCH_BOT)
    finally:
        permissions_in_force.cache_clear()


def test_the_settings_know_the_roles() -> None:
    assert set(STAFF_ROLES) == set(Role)
    assert set(SECOND_FACTOR_ROLES) <= set(Role)


def test_the_documentation_shows_the_table_as_it_is() -> None:
    lines = (ROOT / "docs" / "staff.md").read_text().splitlines()
    for permission, title in PERMISSION_TITLES.items():
        marks = " | ".join("✓" if permission in PERMISSIONS[role] else "" for role in Role)
        assert f"| {title} (`{permission}`) | {marks} |" in lines
