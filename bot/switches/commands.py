"""`python -m bot switch …`: terminal commands that turn parts of the bot off and on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.importing import import_transaction
from bot.settings import Settings
from bot.switches import service
from bot.switches.models import Switch
from bot.switches.scopes import SCOPE_TITLES, Scope
from bot.workdays import CHINA

_scope = click.argument("scope", type=click.Choice([scope.value for scope in Scope]))
_key = click.argument("key", default="")
_clerk = click.option("--clerk", required=True, help="Who does it, for the audit log.")


@click.group()
def switch() -> None:
    """Turn off the bot, a channel, a topic, an item or a document, and on again; works from the next message on."""


@switch.command()
@_scope
@_key
@_clerk
@click.option("--why", required=True, help="For colleagues and the audit log.")
@click.option("--notice", required=True, help="What citizens read in place of an answer.")
def off(scope: str, key: str, clerk: str, why: str, notice: str) -> None:
    """KEY: none for the bot; a channel; an intent; an item's code; a document's number or title."""
    with _transaction() as session:
        service.turn_off(session, Scope(scope), key, who=clerk, reason=why, notice=notice, now=utcnow())
        title = service.title_of(session, Scope(scope), key.strip())
    click.echo(f"{title}已停用，从下一句话起生效。")


@switch.command()
@_scope
@_key
@_clerk
@click.option("--why", default="", help="For the audit log.")
def on(scope: str, key: str, clerk: str, why: str) -> None:
    """Turn on again what is off."""
    with _transaction() as session:
        service.turn_on(session, Scope(scope), key, who=clerk, now=utcnow(), why=why)
    click.echo("已恢复，从下一句话起生效。")


@switch.command("list")
@click.option("--all", "with_history", is_flag=True, help="Also what is on again.")
def list_command(with_history: bool) -> None:
    """List what is off."""
    with _transaction() as session:
        now_off = service.active(session)
        ended = service.history(session) if with_history else []
    for one in (*now_off, *ended):
        click.echo(_line(one))
    click.echo(f"共 {len(now_off)} 处停用。")


def _line(one: Switch) -> str:
    until = f" 至 {one.ended_at.astimezone(CHINA):%Y-%m-%d %H:%M}（{one.ended_by}）" if one.ended_at else " 起停用"
    since = f"{one.off_since.astimezone(CHINA):%Y-%m-%d %H:%M}"
    named = f"{SCOPE_TITLES[one.scope]} {one.key}".rstrip()
    return f"{named}  {since}{until}  {one.off_by}：{one.reason}  告示：{one.notice}"


@contextmanager
def _transaction() -> Iterator[Session]:
    try:
        with import_transaction(Settings.from_environment()) as session:
            yield session
    except service.SwitchRefused as refused:
        raise click.ClickException(str(refused)) from None
