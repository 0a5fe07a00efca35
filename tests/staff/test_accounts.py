"""Accounts, passwords, lock-out, second factor."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from argon2 import PasswordHasher
from cryptography.fernet import Fernet
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db import Database
from bot.sealing import Sealer
from bot.staff import accounts, passwords, second_factor, sign_ins
from bot.staff.devices import Client, Device
from bot.staff.models import AuditEntry, Person, SignIn
from bot.staff.passwords import PasswordRefused
from bot.staff.roles import Role
from tests.staff.people import NOW, PASSWORD, add_department, add_person

SEALER = Sealer(Fernet.generate_key())
SECOND = timedelta(seconds=1)
HERE = Client("10.0.0.1")


def try_password(
    session: Session, password: str, login: str = "zhang", later: timedelta = 0 * SECOND, client: Client = HERE
) -> Person | None:
    return accounts.try_password(session, login, password, client=client, now=NOW + later)


def log(session: Session) -> list[tuple[str, str, str, str]]:
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [(entry.who, entry.action, entry.subject, entry.why) for entry in entries]


def with_second_factor(session: Session, person: Person) -> pyotp.TOTP:
    secret = second_factor.new_secret()
    code = pyotp.TOTP(secret).at(NOW)
    accounts.set_up_second_factor(session, person, secret, code, SEALER, who=person.login, now=NOW)
    return pyotp.TOTP(secret)


@pytest.mark.parametrize(
    "password", ["short", "1234567890", "PASSWORD123", "woaini1314", "xx-zhang-xx", "aaaaaaaaaaaa", "x" * 201]
)
def test_a_password_that_is_easily_guessed_is_refused(database: Database, password: str) -> None:
    with database.transaction() as session, pytest.raises(PasswordRefused, match="密码"):
        add_person(session, password=password)


@pytest.mark.parametrize("login", ["", "z", "Zhang", "张三", "9zhang", "zhang san", "z" * 33, "terminal:root"])
def test_a_login_is_written_in_small_letters(database: Database, login: str) -> None:
    with database.transaction() as session, pytest.raises(accounts.AccountRefused, match="登录名"):
        add_person(session, login=login)


def test_a_login_is_given_once(database: Database) -> None:
    with database.transaction() as session:
        add_person(session)
    with database.transaction() as session, pytest.raises(accounts.AccountRefused, match="已经有人用了"):
        add_person(session)


def test_only_the_role_department_has_a_department_and_it_must(database: Database) -> None:
    with database.transaction() as session:
        add_department(session)
        person = add_person(session, role=Role.DEPARTMENT, department_code="GA")
        assert person.department is not None
        for role, code in ((Role.DEPARTMENT, None), (Role.CLERK, "GA"), (Role.DEPARTMENT, "XX")):
            with pytest.raises(accounts.AccountRefused, match="部门"):
                add_person(session, "li", role, department_code=code)


def test_the_right_password_is_taken_however_it_is_typed_and_a_wrong_one_is_not(database: Database) -> None:
    with database.transaction() as session:
        person = add_person(session)
        assert try_password(session, PASSWORD) is person
        assert try_password(session, "ｇreen　tea at ７", " Zhang ") is person
        assert try_password(session, PASSWORD.upper()) is None
        assert try_password(session, "") is None


def test_each_failure_after_the_fifth_brings_a_longer_pause(database: Database) -> None:
    with database.transaction() as session:
        add_person(session)
        for _ in range(5):
            assert try_password(session, "wrong") is None
        at = timedelta(0)
        for minutes in (1, 5, 15, 60):
            pause = timedelta(minutes=minutes)
            assert try_password(session, PASSWORD, later=at + pause - SECOND) is None
            at += pause
            assert try_password(session, "wrong", later=at) is None
        assert try_password(session, PASSWORD, later=at + timedelta(minutes=60)) is not None


def test_failures_within_a_pause_do_not_prolong_it(database: Database) -> None:
    with database.transaction() as session:
        add_person(session)
        for second in range(12):
            try_password(session, "wrong", later=second * SECOND)
        assert try_password(session, PASSWORD, later=64 * SECOND) is not None


def test_whoever_guesses_elsewhere_does_not_shut_out_the_owner(database: Database) -> None:
    with database.transaction() as session:
        add_person(session)
        for number in range(60):
            try_password(session, "wrong", client=Client(f"10.1.0.{number}"))
        assert try_password(session, PASSWORD) is not None
        # Under attack each new address has one try only.
        assert try_password(session, "wrong", client=Client("10.2.0.1")) is None
        assert try_password(session, PASSWORD, client=Client("10.2.0.1")) is None


def test_a_browser_that_the_person_signed_in_with_is_counted_apart_from_its_address(database: Database) -> None:
    with database.transaction() as session:
        person, other = add_person(session), add_person(session, "li")
        known = Client("10.0.0.1", Device("d").with_person(person))
        for _ in range(5):
            try_password(session, "wrong")
        assert try_password(session, PASSWORD) is None
        assert try_password(session, PASSWORD, client=Client("10.0.0.1", Device("e").with_person(other))) is None
        assert try_password(session, PASSWORD, client=known) is not None
        for _ in range(5):
            try_password(session, "wrong", client=known)
        assert try_password(session, PASSWORD, client=known) is None


def test_what_a_browser_keeps_of_itself_cannot_be_made_up(database: Database) -> None:
    with database.transaction() as session:
        person = add_person(session)
        device = Device("d").with_person(person)
        assert Device.of(device.sealed(SEALER), SEALER) == device
        for text in ("", "forged", SEALER.seal("[]"), device.sealed(Sealer(Fernet.generate_key()))):
            assert not Device.of(text, SEALER).knows(person)


def test_signing_in_forgets_failures(database: Database) -> None:
    with database.transaction() as session:
        person = add_person(session)
        for _ in range(3):
            for _ in range(4):
                try_password(session, "wrong")
            assert try_password(session, PASSWORD) is person
            accounts.sign_in(session, person, client=HERE, now=NOW)
        assert person.signed_in_at == NOW


def test_the_same_work_is_done_whether_or_not_the_login_exists(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str | None] = []

    def fits(_: str, stored_hash: str | None) -> bool:
        compared.append(stored_hash)
        return False

    monkeypatch.setattr(accounts, "password_fits", fits)
    with database.transaction() as session:
        person = add_person(session)
        add_person(session, "gone").is_active = False
        add_person(session, "nameless", password=None)
        session.flush()
        for login in ("zhang", "gone", "nameless", "nobody"):
            assert try_password(session, PASSWORD, login) is None
    assert [one is None for one in compared] == [False, False, True, True]
    assert compared[0] == person.password_hash


def test_nobody_signs_in_without_a_password_or_after_leaving(database: Database) -> None:
    with database.transaction() as session:
        add_person(session, "nameless", password=None)
        person = add_person(session)
        accounts.deactivate(session, person, who="admin", now=NOW)
        assert try_password(session, "", "nameless") is None
        assert try_password(session, PASSWORD) is None
        accounts.reactivate(session, person, who="admin", now=NOW)
        assert try_password(session, PASSWORD) is person


def test_a_hash_of_old_parameters_is_made_again(database: Database) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    with database.transaction() as session:
        person = add_person(session)
        person.password_hash = old
        assert try_password(session, "wrong") is None
        assert person.password_hash == old
        assert try_password(session, PASSWORD) is person
        assert person.password_hash != old
        assert passwords.password_fits(PASSWORD, person.password_hash)


def test_failed_sign_ins_are_logged_as_typed_but_short_and_masked(database: Database) -> None:
    with database.transaction() as session:
        add_person(session)
        try_password(session, "wrong")
        try_password(session, "wrong", "a" * 100)
        try_password(session, "wrong", "13800138000\r\n")
        assert log(session)[1:] == [
            ("zhang", "sign_in_failed", "10.0.0.1", "密码不对"),
            ("a" * 64, "sign_in_failed", "10.0.0.1", "没有这个登录名"),
            ("[手机号]", "sign_in_failed", "10.0.0.1", "没有这个登录名"),
        ]


def test_changes_are_logged_with_who_made_them(database: Database) -> None:
    with database.transaction() as session:
        person = add_person(session)
        accounts.change_role(session, person, Role.REVIEWER, who="admin", now=NOW)
        accounts.set_password(session, person, "another tea 8", who="admin", now=NOW)
        accounts.set_password(session, person, "another tea 9", who="zhang", now=NOW)
        accounts.deactivate(session, person, who="admin", now=NOW)
        assert log(session) == [
            ("terminal:root", "add_person", "zhang", "受理员"),
            ("admin", "change_role", "zhang", "受理员 → 审核员"),
            ("admin", "reset_password", "zhang", ""),
            ("zhang", "change_password", "zhang", ""),
            ("admin", "deactivate_person", "zhang", ""),
        ]


def test_nobody_changes_their_own_role_or_closes_their_own_account(database: Database) -> None:
    with database.transaction() as session:
        person = add_person(session, role=Role.ADMINISTRATOR)
        with pytest.raises(accounts.AccountRefused):
            accounts.change_role(session, person, Role.SUPERVISOR, who="zhang", now=NOW)
        with pytest.raises(accounts.AccountRefused):
            accounts.deactivate(session, person, who="zhang", now=NOW)


@pytest.mark.parametrize("act", ["password", "deactivate"])
def test_a_new_password_and_leaving_end_all_sign_ins(database: Database, act: str) -> None:
    with database.transaction() as session:
        person, other = add_person(session), add_person(session, "li")
        for one in (person, person, other):
            accounts.sign_in(session, one, client=HERE, now=NOW)
        if act == "password":
            accounts.set_password(session, person, "another tea 8", who="admin", now=NOW)
        else:
            accounts.deactivate(session, person, who="admin", now=NOW)
        assert list(session.scalars(select(SignIn.person_id))) == [other.id]


def test_a_code_is_taken_once(database: Database) -> None:
    with database.transaction() as session:
        person = add_person(session)
        totp = with_second_factor(session, person)

        def use(code: str, later: int) -> bool:
            return accounts.try_code(session, person, code, SEALER, client=HERE, now=NOW + timedelta(seconds=later))

        assert not use(totp.at(NOW), 0)
        assert not use(totp.at(NOW - timedelta(seconds=30)), 0)
        next_code = totp.at(NOW + timedelta(seconds=30))
        assert use(f"{next_code[:3]} {next_code[3:]}", 30)
        assert not use(next_code, 31)
        assert not use(totp.at(NOW + timedelta(seconds=300)), 60)


def test_of_two_browsers_with_one_code_one_gets_in(database: Database) -> None:
    with database.transaction() as session:
        totp = with_second_factor(session, add_person(session))
    later = NOW + timedelta(seconds=60)
    code = totp.at(later)
    with database.transaction() as session:
        stale = accounts.get_person(session, "zhang")
        with database.transaction() as other:
            assert second_factor.use_code(other, accounts.get_person(other, "zhang"), code, SEALER, later)
        assert not second_factor.use_code(session, stale, code, SEALER, later)


def test_wrong_codes_bring_a_pause_though_the_password_is_right_each_time(database: Database) -> None:
    with database.transaction() as session:
        person = add_person(session)
        totp = with_second_factor(session, person)
        for _ in range(5):
            assert try_password(session, PASSWORD) is person
            assert not accounts.try_code(session, person, "000000", SEALER, client=HERE, now=NOW)
        assert try_password(session, PASSWORD) is None
        later = NOW + timedelta(seconds=50)
        assert not accounts.try_code(session, person, totp.at(later), SEALER, client=HERE, now=later)


def test_a_second_factor_is_set_up_with_a_code_of_its_own(database: Database) -> None:
    with database.transaction() as session:
        person = add_person(session)
        with pytest.raises(accounts.AccountRefused, match="验证码"):
            accounts.set_up_second_factor(
                session, person, second_factor.new_secret(), "000000", SEALER, who="zhang", now=NOW
            )
        totp = with_second_factor(session, person)
        assert totp.secret not in (person.totp_sealed or "")
        assert second_factor.otpauth_uri(totp.secret, "zhang").startswith("otpauth://totp/")


def test_a_ticket_lasts_five_minutes_and_no_longer_than_the_password(database: Database) -> None:
    with database.transaction() as session:
        person = add_person(session)
        ticket = second_factor.ticket(person, SEALER, NOW)

        def holder(text: str, later: timedelta = 0 * SECOND) -> Person | None:
            return second_factor.holder_of_ticket(session, text, SEALER, NOW + later)

        assert holder(ticket, timedelta(minutes=5)) is person
        assert holder(ticket, timedelta(minutes=5, seconds=1)) is None
        assert holder("forged") is None
        assert holder(SEALER.seal("{}")) is None
        accounts.set_password(session, person, "another tea 8", who="admin", now=NOW)
        assert holder(ticket) is None


def test_generated_passwords_are_good_and_differ() -> None:
    made = {passwords.generated_password() for _ in range(20)}
    assert len(made) == 20
    for password in made:
        passwords.require_good(password, "zhang")


def test_a_sign_in_ends_after_half_an_hour_of_rest_and_twelve_hours_in_all(database: Database) -> None:
    with database.transaction() as session:
        person = add_person(session)
        resting, busy = (sign_ins.begin(session, person, NOW) for _ in range(2))
        assert sign_ins.valid(session, resting, NOW + timedelta(minutes=30)) is not None
        at = NOW
        while at < NOW + timedelta(hours=12):
            used = sign_ins.valid(session, busy, at)
            assert used is not None
            assert sign_ins.is_to_be_noted(used, at) is (at > NOW)
            sign_ins.note_use(session, used, at)
            at += timedelta(minutes=20)
        assert sign_ins.valid(session, resting, NOW + timedelta(hours=1, seconds=1)) is None
        assert sign_ins.valid(session, busy, NOW + timedelta(hours=12, seconds=1)) is None
        assert sign_ins.valid(session, "unknown", NOW) is None


def test_the_table_holds_no_token_and_forgets_what_has_run_out(database: Database) -> None:
    with database.transaction() as session:
        person = add_person(session)
        tokens = [sign_ins.begin(session, person, NOW + timedelta(hours=hours)) for hours in (0, 0, 3)]
        (left,) = session.scalars(select(SignIn))
        assert len(set(tokens)) == 3
        assert left.token_hash not in tokens
        assert len(tokens[0]) == 43
