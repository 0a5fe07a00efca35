"""`python -m bot api-keys …`: terminal commands for the keys of programs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.orm import Session

from bot.api_keys import service
from bot.api_keys.models import KeyScope
from bot.api_keys.service import DEFAULT_PER_MINUTE, SCOPES, KeyNameTaken, NoSuchKey
from bot.db import utcnow
from bot.importing import import_transaction
from bot.settings import Settings
from bot.staff.operator import operator
from bot.workdays import CHINA


@click.group("api-keys")
def api_keys() -> None:
    """Keys of programs for the API: add, list, revoke."""


@api_keys.command()
@click.argument("name")
@click.option("--per-minute", type=click.IntRange(1), default=DEFAULT_PER_MINUTE, show_default=True)
@click.option(
    "--scope",
    type=click.Choice([scope.value for scope in KeyScope]),
    default=KeyScope.CHAT.value,
    show_default=True,
    help="what the key is for: asking (POST /api/chat), or delivering documents (PUT /api/documents/ID)",
)
def add(name: str, per_minute: int, scope: str) -> None:
    """Make a key; it is shown only once."""
    try:
        with _transaction() as session:
            key = service.add(session, name, per_minute, who=operator(), now=utcnow(), scope=KeyScope(scope))
    except KeyNameTaken:
        raise click.ClickException(f"已经有叫 {name} 的密钥，请换一个名字") from None
    click.echo(f"{key}\n请现在记下，以后不再显示。用法：Authorization: Bearer {key[:9]}…")


@api_keys.command("list")
def list_command() -> None:
    """List the names and limits of the keys."""
    with _transaction() as session:
        keys = service.all_keys(session)
    for key in keys:
        made = f"{key.made_at.astimezone(CHINA):%Y-%m-%d}"
        state = f"{key.revoked_at.astimezone(CHINA):%Y-%m-%d} 作废" if key.revoked_at else "在用"
        click.echo(f"{key.name}  {SCOPES[KeyScope(key.scope)]}  每分钟 {key.per_minute} 条  {made} 发放  {state}")
    click.echo(f"共 {len(keys)} 个密钥。")


@api_keys.command()
@click.argument("name")
def revoke(name: str) -> None:
    """Revoke a key; it stops working with the next message."""
    try:
        with _transaction() as session:
            service.revoke(session, name, who=operator(), now=utcnow())
    except NoSuchKey:
        raise click.ClickException(f"没有在用的叫 {name} 的密钥") from None
    click.echo(f"{name} 已作废。")


@contextmanager
def _transaction() -> Iterator[Session]:
    with import_transaction(Settings.from_environment()) as session:
        yield session
