"""`python -m bot keys` manages the keys that seal data; `python -m bot retention` deletes expired data."""

from __future__ import annotations

import click

from bot import migrations
from bot.db import Database, utcnow
from bot.privacy import retention
from bot.privacy.kinds import KEPT, days_kept
from bot.running.resealing import count_older, reseal_everything
from bot.sealing import Sealer, kept_ring, replace_kept_keys
from bot.settings import Settings


@click.group()
def keys() -> None:
    """The keys that seal what citizens say and who they are."""


@keys.command()
@click.option("--go-on", is_flag=True, help="Only seal again what is not sealed with the newest key yet.")
def rotate(go_on: bool) -> None:
    """Make a new key and seal everything again with it; the older keys still open.

    Running processes use the new key without a restart. If it is stopped in the middle, continue with `--go-on`.
    """
    settings = Settings.from_environment()
    if not go_on:
        _add_key(settings)
    done = reseal_everything(settings)
    click.echo(f"Sealed again: {done.count}.")
    if done.lost:
        raise click.ClickException(f"{done.lost} texts cannot be opened with any of the keys, and stay as they are")


@keys.command()
def drop_old() -> None:
    """Forget all keys but the newest. Backups that the older ones sealed can then not be read any more."""
    settings = Settings.from_environment()
    if settings.identity_key:
        raise click.ClickException("the keys come from IDENTITY_KEY: take the older ones out of it")
    older = count_older(settings)
    if older:
        raise click.ClickException(f"{older} texts are still sealed with an older key: run `keys rotate --go-on` first")
    replace_kept_keys(settings.identity_key_path, kept_ring(settings.identity_key_path).newest_only())
    click.echo("Only the newest key is left.")


def _add_key(settings: Settings) -> None:
    if settings.identity_key:
        raise click.ClickException(
            "the keys come from IDENTITY_KEY: put a new one before it and a comma between, restart, then run "
            "`keys rotate --go-on`. The last one must stay: digests of telephone numbers hang on it."
        )
    Sealer.of(settings)
    replace_kept_keys(settings.identity_key_path, kept_ring(settings.identity_key_path).with_new_key())


@click.command()
@click.option("--dry-run", is_flag=True, help="Only count what would be deleted.")
def retention_command(dry_run: bool) -> None:
    """Delete expired data, as the assistant does by itself once a day."""
    settings = Settings.from_environment()
    database = Database(settings.database_url)
    migrations.upgrade(database.engine)
    days = days_kept(settings)
    count = retention.sweep(database, settings, utcnow(), is_trial=dry_run)
    for kind, number in count.items():
        click.echo(f"{kind:<10} {days[kind]:>6} 天  {number:>8}  {KEPT[kind].title}")
    click.echo("以上是到期可删的数量，什么都没有删。" if dry_run else "到期的已经删除。")
