"""`python -m bot staff …` and `python -m bot audit`: accounts and the audit log from a terminal; `docs/staff.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time

import click
from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments, department_named
from bot.db import utcnow
from bot.importing import import_transaction
from bot.reviews import leaving
from bot.sealing import Sealer
from bot.settings import Settings
from bot.staff import accounts, second_factor
from bot.staff import audit as audit_log
from bot.staff.operator import operator
from bot.staff.passwords import PasswordRefused, require_good
from bot.staff.roles import ROLE_TITLES, Role
from bot.workdays import CHINA

_login = click.argument("login")
_password_stdin = click.option("--password-stdin", is_flag=True, help="Read it from the first line of standard input.")


_temporary = click.option("--temporary", is_flag=True, help="The next sign-in asks for another, of the person's own.")


@click.group()
def staff() -> None:
    """Accounts of the review console. The first administrator is made with `staff add`."""


@staff.command()
@_login
@click.option("--name", required=True, help="As colleagues call the person.")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--department", "department_name", metavar="NAME", help="For the role department: which.")
@_password_stdin
@_temporary
def add(login: str, name: str, role: str, department_name: str | None, password_stdin: bool, temporary: bool) -> None:
    """Add a person; asks for the password twice, without showing it."""
    password = _password(login, password_stdin)
    with _transaction() as session:
        code = _department_code(session, department_name) if department_name else None
        accounts.add_person(
            session,
            login=login,
            name=name,
            role=Role(role),
            department_code=code,
            password=password,
            must_change=temporary,
            who=operator(),
            now=utcnow(),
        )
    click.echo(f"已添加 {login}（{ROLE_TITLES[Role(role)]}），可以在 /console 登录。")


@staff.command("list")
def list_command() -> None:
    """List all people; those who have left come last."""
    with _transaction() as session:
        found = accounts.people(session)
    for person in found:
        department = f"（{person.department.name}）" if person.department else ""
        signed_in = f"{person.signed_in_at.astimezone(CHINA):%Y-%m-%d %H:%M}" if person.signed_in_at else "从未登录"
        second = "有动态验证码" if person.totp_sealed else "无动态验证码"
        line = f"{person.login}  {person.name}  {ROLE_TITLES[Role(person.role)]}{department}  {signed_in}  {second}"
        click.echo(line + ("" if person.is_active else "  已停用"))
    click.echo(f"共 {len(found)} 人。")


@staff.command()
@_login
@click.option("--successor", metavar="LOGIN", help="Who takes over the cases that are still open.")
def deactivate(login: str, successor: str | None) -> None:
    """Close an account and end its sign-ins; what the person did stays in the log."""
    with _transaction() as session:
        takes_over = accounts.get_person(session, successor) if successor else None
        leaver = accounts.get_person(session, login)
        count = leaving.deactivate(session, leaver, successor=takes_over, who=operator(), now=utcnow())
    click.echo(f"{login} 已停用。" + (f"{count} 件已移交 {successor}。" if count else ""))


@staff.command()
@_login
def reactivate(login: str) -> None:
    """Reopen the account of a person who had left."""
    with _transaction() as session:
        accounts.reactivate(session, accounts.get_person(session, login), who=operator(), now=utcnow())
    click.echo(f"{login} 已恢复。")


@staff.command()
@_login
@_password_stdin
@_temporary
def password(login: str, password_stdin: bool, temporary: bool) -> None:
    """Set a new password; ends the person's sign-ins and lifts a lock-out."""
    with _transaction() as session:
        accounts.get_person(session, login)
    new = _password(login, password_stdin)
    with _transaction() as session:
        person = accounts.get_person(session, login)
        accounts.set_password(session, person, new, who=operator(), now=utcnow(), must_change=temporary)
    click.echo(f"{login} 的密码已改，原来的登录都已退出。")


@staff.command()
@_login
@click.option("--remove", is_flag=True, help="Sign in by password alone again, as when the telephone is lost.")
def totp(login: str, remove: bool) -> None:
    """Set up the second factor: prints the URI for an authenticator and asks for its first code."""
    now = utcnow()
    with _transaction() as session:
        accounts.get_person(session, login)
    if remove:
        with _transaction() as session:
            accounts.remove_second_factor(session, accounts.get_person(session, login), who=operator(), now=now)
        click.echo(f"{login} 不再需要动态验证码。")
        return
    secret = second_factor.new_secret()
    click.echo(f"密钥：{secret}\n{second_factor.otpauth_uri(secret, login)}")
    code = click.prompt("在验证器里添加后，输入它现在显示的 6 位数字")
    with _transaction() as session:
        accounts.set_up_second_factor(
            session,
            accounts.get_person(session, login),
            secret,
            code,
            Sealer.of(Settings.from_environment()),
            who=operator(),
            now=utcnow(),
        )
    click.echo(f"{login} 以后登录要输入动态验证码。")


@click.command()
@click.option("--who", default="", help="Any part of a login.")
@click.option("--subject", default="", help="Any part of a receipt, a case, a login, an address.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From that day on.")
def audit(who: str, subject: str, since: datetime | None) -> None:
    """List who did or saw what, newest first."""
    start = _beginning_of(since.date()) if since else None
    number, last = 1, 1
    while number <= last:
        with _transaction() as session:
            page = audit_log.search(session, who=who, subject=subject, since=start, page=number)
        for entry in page.rows:
            action = audit_log.ACTION_TITLES.get(entry.action, entry.action)
            at = entry.at.astimezone(CHINA)
            click.echo(f"{at:%Y-%m-%d %H:%M:%S}  {entry.who}  {action}  {entry.subject}  {entry.why}".rstrip())
        number, last = number + 1, page.last_number
    click.echo(f"共 {page.total} 条。")


@contextmanager
def _transaction() -> Iterator[Session]:
    try:
        with import_transaction(Settings.from_environment()) as session:
            yield session
    except accounts.NoSuchPerson as error:
        raise click.ClickException(f"没有登录名为“{error}”的人") from None
    except (accounts.AccountRefused, PasswordRefused) as refused:
        raise click.ClickException(str(refused)) from None


def _password(login: str, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    while True:
        typed: str = click.prompt("密码（至少 10 位，不显示）", hide_input=True)
        try:
            require_good(typed, login)
        except PasswordRefused as refused:
            click.echo(str(refused), err=True)
            continue
        if click.prompt("再输一遍", hide_input=True) == typed:
            return typed
        click.echo("两次输入的不一样，请再来", err=True)


def _department_code(session: Session, name: str) -> str:
    departments = all_departments(session)
    found = department_named(departments, name)
    if found is None:
        listed = "、".join(department.name for department in departments)
        raise click.ClickException(f"没有“{name}”这个部门，目录里有：{listed}")
    return found.code


def _beginning_of(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
