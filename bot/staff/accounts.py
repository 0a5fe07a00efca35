"""Accounts of staff, and how people prove that an account is theirs.

`who` is the login of the person who acts, or the name of an operator at the terminal (`bot.staff.operator`). It goes
into the audit log, in the same transaction.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.catalogue.departments import get_department
from bot.db import locked
from bot.language.masking import mask
from bot.sealing import Sealer
from bot.staff import audit, failures, second_factor, sign_ins
from bot.staff.devices import Client
from bot.staff.models import Person
from bot.staff.passwords import PasswordRefused, hash_password, needs_rehash, password_fits, require_good
from bot.staff.roles import ROLE_TITLES, Permission, Role, permissions_in_force

MOST_NAME_CHARACTERS = 40
_LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,31}")
_MOST_TYPED_CHARACTERS = 64


class AccountRefused(ValueError):
    """The change is not allowed; the message, in Chinese, says what to correct."""


class NoSuchPerson(LookupError):
    """Nobody has that login."""


def may(person: Person, permission: Permission) -> bool:
    return permission in permissions_in_force()[Role(person.role)]


def own_department(person: Person) -> str | None:
    """The department to whose matters the person is confined; None: to no department's."""
    return (person.department_code or "") if person.role == Role.DEPARTMENT else None


def get_person(session: Session, login: str) -> Person:
    """Raises NoSuchPerson."""
    person = session.scalar(select(Person).where(Person.login == login))
    if person is None:
        raise NoSuchPerson(login)
    return person


def find_person(session: Session, login: str) -> Person | None:
    """None if nobody has that login; so also for an operator at a terminal."""
    return session.scalar(select(Person).where(Person.login == login))


def successors(session: Session) -> list[Person]:
    """The active people whose role can handle cases, so that they can take over those of somebody who leaves."""
    return [person for person in people(session) if person.is_active and may(person, Permission.HANDLE_CASES)]


def names_of(session: Session, logins: Collection[str]) -> dict[str, str]:
    """Login → name. Logins of nobody are left out: the audit log also names programs and terminals."""
    found = select(Person.login, Person.name).where(Person.login.in_(logins))
    return dict(session.execute(found).all())  # type: ignore[arg-type]


def people(session: Session) -> list[Person]:
    """All people, sorted by login; those who have left come last."""
    return list(session.scalars(select(Person).order_by(Person.is_active.desc(), Person.login)))


def add_person(
    session: Session,
    *,
    login: str,
    name: str,
    role: Role,
    password: str | None,
    who: str,
    now: datetime,
    department_code: str | None = None,
    must_change: bool = False,
) -> Person:
    """Adds an account. Without a password, the account cannot sign in with one.

    `must_change`: somebody else knows the password, so the first sign-in asks for another.

    Raises:
        AccountRefused: bad or taken login, no name, too long a name, or a department that is missing, unknown or not
            allowed for the role.
        PasswordRefused
    """
    name = name.strip()
    if not _LOGIN.fullmatch(login):
        raise AccountRefused("登录名要有 2 到 32 个字符，用小写字母、数字或 . _ -，以字母开头")
    if not name or len(name) > MOST_NAME_CHARACTERS:
        raise AccountRefused(f"姓名要填，最多 {MOST_NAME_CHARACTERS} 个字")
    _require_department(session, role, department_code)
    if password is not None:
        require_good(password, login)
    person = Person(
        login=login,
        name=name,
        role=role,
        department_code=department_code,
        password_hash=hash_password(password) if password is not None else None,
        totp_sealed=None,
        is_active=True,
        must_change_password=must_change,
        created_at=now,
        signed_in_at=None,
    )
    session.add(person)
    try:
        session.flush()
    except IntegrityError:
        raise AccountRefused(f"登录名“{login}”已经有人用了（停用的账号也占用登录名）") from None
    audit.record(session, who=who, action="add_person", subject=login, why=_role_text(person), at=now)
    return person


def change_role(
    session: Session, person: Person, role: Role, *, who: str, now: datetime, department_code: str | None = None
) -> None:
    """Takes effect with the person's next request.

    Raises AccountRefused.
    """
    if who == person.login:
        raise AccountRefused("不能改自己的角色，请另一位管理员来改")
    _require_department(session, role, department_code)
    before = _role_text(person)
    person.role, person.department_code = role, department_code
    session.flush()
    session.refresh(person, ["department"])
    after = _role_text(person)
    if before != after:
        audit.record(session, who=who, action="change_role", subject=person.login, why=f"{before} → {after}", at=now)


def set_password(
    session: Session, person: Person, password: str, *, who: str, now: datetime, must_change: bool = False
) -> None:
    """Also ends all sign-ins of the person and forgets failed ones. `must_change`: as in `add_person`.

    Raises PasswordRefused.
    """
    require_good(password, person.login)
    if who == person.login and password_fits(password, person.password_hash):
        raise PasswordRefused("新密码不能和原来的一样")
    person.must_change_password = must_change
    person.password_hash = hash_password(password)
    failures.forget_all(session, person)
    sign_ins.end_all(session, person)
    action = "change_password" if who == person.login else "reset_password"
    audit.record(session, who=who, action=action, subject=person.login, why="", at=now)


def deactivate(session: Session, person: Person, *, who: str, now: datetime) -> None:
    """Closes the account and ends all its sign-ins. The record of what the person did stays.

    Raises AccountRefused.
    """
    if who == person.login:
        raise AccountRefused("不能停用自己的账号，请另一位管理员来停用")
    person.is_active = False
    sign_ins.end_all(session, person)
    audit.record(session, who=who, action="deactivate_person", subject=person.login, why="", at=now)


def reactivate(session: Session, person: Person, *, who: str, now: datetime) -> None:
    person.is_active = True
    audit.record(session, who=who, action="reactivate_person", subject=person.login, why="", at=now)


def set_up_second_factor(
    session: Session, person: Person, secret: str, code: str, sealer: Sealer, *, who: str, now: datetime
) -> None:
    """Raises AccountRefused: the code does not belong to the secret."""
    step = second_factor.accepted_step(secret, code, now)
    if step is None:
        raise AccountRefused("验证码不对，请看手机上现在显示的 6 位数字")
    second_factor.set_up(person, secret, step, sealer)
    audit.record(session, who=who, action="set_up_second_factor", subject=person.login, why="", at=now)


def remove_second_factor(session: Session, person: Person, *, who: str, now: datetime) -> None:
    """If `who` is somebody else, all sign-ins end too, since the person's telephone may be in a stranger's hands."""
    person.totp_sealed = None
    if who != person.login:
        sign_ins.end_all(session, person)
    audit.record(session, who=who, action="remove_second_factor", subject=person.login, why="", at=now)


def try_password(session: Session, login: str, password: str, *, client: Client, now: datetime) -> Person | None:
    """The person with that login and password, or None; the audit log has the reason.

    Commit the transaction in either case, since it counts the failure. After several failures in a row the client has
    to wait, and even the right password is refused (`bot.guessing`). An unknown login takes as long to check, so the
    time does not show which logins exist.
    """
    login = login.strip().lower()
    person = session.scalar(select(Person).where(Person.login == login))
    if person is not None:
        # Guesses sent at the same time are checked one by one, so that each sees the failures before it.
        locked(session, Person, person.id)
    fits = password_fits(password, person.password_hash if person else None)
    if person is None:
        why_not = "没有这个登录名"
    elif not person.is_active:
        why_not = "账号已停用"
    elif _is_paused(session, person, client, now):
        why_not = "错得太多，还要等"
    elif not fits:
        why_not = "密码不对"
        failures.record(session, person, client.counted_as(person), now)
    else:
        # Failures stay until `sign_in`: otherwise the right password would reset the count of wrong codes.
        if person.password_hash and needs_rehash(person.password_hash):
            person.password_hash = hash_password(password)
        return person
    _record_failure(session, login if person else mask(login), why_not, client.address, now)
    return None


def try_code(session: Session, person: Person, code: str, sealer: Sealer, *, client: Client, now: datetime) -> bool:
    """Whether the code of the second factor is right; a wrong code counts like a wrong password.

    Raises bot.sealing.SealBroken: sealed with another key.
    """
    locked(session, Person, person.id)
    if _is_paused(session, person, client, now):
        _record_failure(session, person.login, "错得太多，还要等", client.address, now)
        return False
    if not second_factor.use_code(session, person, code, sealer, now):
        failures.record(session, person, client.counted_as(person), now)
        _record_failure(session, person.login, "验证码不对或用过了", client.address, now)
        return False
    return True


def try_provider(session: Session, login: str, *, client: str, now: datetime) -> Person | None:
    """The active person with the login that an identity provider confirmed, or None. Creates no account.

    The login must match exactly, since at a provider `Wang` and `wang` may be two people.
    """
    # Only a well-formed login is looked up: PostgreSQL refuses some characters, such as NUL.
    person = session.scalar(select(Person).where(Person.login == login)) if _LOGIN.fullmatch(login) else None
    if person is None or not person.is_active:
        why_not = "没有这个账号" if person is None else "账号已停用"
        record_provider_refusal(session, why_not, client=client, now=now, login=login if person else mask(login))
        return None
    audit.record(session, who=person.login, action="pass_provider", subject=client, why="", at=now)
    return person


def record_provider_refusal(session: Session, why: str, *, client: str, now: datetime, login: str = "") -> None:
    """`login`: empty if the provider confirmed nobody."""
    _record_failure(session, login, f"统一身份认证：{why}", client, now)


def sign_in(session: Session, person: Person, *, client: Client, now: datetime) -> str:
    """The token for the cookie. Call only after the password or provider, and the code if one is needed, were right."""
    failures.forget(session, person, client.counted_as(person))
    person.signed_in_at = now
    audit.record(session, who=person.login, action="sign_in", subject=client.address, why="", at=now)
    return sign_ins.begin(session, person, now)


def _record_failure(session: Session, login: str, why: str, client: str, now: datetime) -> None:
    who = "".join(character for character in login if character.isprintable())[:_MOST_TYPED_CHARACTERS]
    audit.record(session, who=who, action="sign_in_failed", subject=client, why=why, at=now)


def _is_paused(session: Session, person: Person, client: Client, now: datetime) -> bool:
    return failures.is_paused(session, person, client.counted_as(person), now, is_known=client.knows(person))


def _require_department(session: Session, role: Role, department_code: str | None) -> None:
    if role == Role.DEPARTMENT and department_code is None:
        raise AccountRefused(f"{ROLE_TITLES[role]}要选部门")
    if role != Role.DEPARTMENT and department_code is not None:
        raise AccountRefused(f"只有{ROLE_TITLES[Role.DEPARTMENT]}要选部门")
    if department_code is not None and get_department(session, department_code) is None:
        raise AccountRefused(f"没有编码为“{department_code}”的部门")


def _role_text(person: Person) -> str:
    return ROLE_TITLES[Role(person.role)] + (f"（{person.department.name}）" if person.department else "")
