"""`python -m bot train`, `models`, `roll-back`: `docs/teaching.md` shows them."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import click

from bot import migrations
from bot.db import Database, utcnow
from bot.running.live_model import LiveModelBroken, live_model
from bot.settings import Settings
from bot.staff import accounts
from bot.staff.operator import operator
from bot.staff.roles import PERMISSION_TITLES, Permission
from bot.training import service
from bot.training.service import STATE_TITLES, TrainingRefused, TrainingState
from bot.training.train import TrainingStopped, run_training
from bot.workdays import CHINA

# On two idle cores a training takes a few minutes.
ENDS_WITHIN = timedelta(hours=1)
_STOPPED: dict[int, str] = {
    signal.SIGTERM: "停下了：助手停止，或者有人按了停止",
    signal.SIGALRM: "一小时没有做完，停下了：机器太忙，请换个时候再训练",
}
_clerk = click.option("--clerk", metavar="LOGIN", help="Who does it; whoever sits at the terminal if not given.")


@click.command()
@click.option("--yes", is_flag=True, help="Go live without asking, if it may.")
@click.option("--candidate-only", is_flag=True, help="Only train and measure; somebody agrees later.")
@click.option("--messages", type=click.IntRange(min=1), help="Ask at most that many messages; all if not given.")
@_clerk
@click.option("--training", "training_id", type=int, hidden=True)
def train(yes: bool, candidate_only: bool, messages: int | None, clerk: str | None, training_id: int | None) -> None:
    """Train a model with the approved lessons beside the one that answers, measure both, and let the better go live.

    Ends with status 1 when the new model may not go live.
    """
    # Low priority, so that citizens' requests come first on a machine with few cores.
    os.nice(10)
    settings = Settings.from_environment()
    from_console = training_id is not None
    with _database(settings) as database:
        who = _who(database, clerk)
        if training_id is None:
            with database.transaction() as session:
                training_id = service.request_training(session, settings, who, utcnow()).id
        with _ended_by_signals():
            training = run_training(database, settings, training_id, utcnow, messages, stoppable=from_console)
        report = service.report_of(training)
        if report is not None:
            _print_report(report)
        if training.state != TrainingState.WAITING_FOR_CONSENT:
            raise click.ClickException(f"{STATE_TITLES[TrainingState(training.state)]}：{training.why}")
        if candidate_only or not (yes or (sys.stdin.isatty() and click.confirm("让新模型上线吗？"))):
            click.echo(f"训练 {training.id} 已过关，等待同意上线。")
            return
        with database.transaction() as session:
            training = service.get_training(session, training.id) or training
            service.agree(session, settings, training, who, utcnow())
        click.echo(f"已同意上线：{training.model}。正在运行的助手会在一两分钟内换上，没有运行的下次启动时用它。")


@click.command()
def models() -> None:
    """List the models and what became of them, newest first."""
    settings = Settings.from_environment()
    with _database(settings) as database:
        live = live_model(settings)
        with database.transaction() as session:
            listed = service.trainings(session)
    if live is not None:
        click.echo(f"使用中：{live.model}（{live.by}，{_moment(datetime.fromisoformat(live.at))}）")
    for training in listed:
        line = f"训练 {training.id}  {_moment(training.started_at)}  {training.by}  {training.model or '-'}"
        state = STATE_TITLES[TrainingState(training.state)]
        click.echo(f"{line}  纠正 {training.lesson_count} 条  {state}  {training.why}".rstrip())


@click.command("roll-back")
@_clerk
@click.option("--why", required=True, help="Goes into the audit log.")
def roll_back(clerk: str | None, why: str) -> None:
    """Go back to the model that answered before the one that went live last."""
    settings = Settings.from_environment()
    with _database(settings) as database:
        who = _who(database, clerk)
        with database.transaction() as session:
            training = service.roll_back(session, settings, who, why, utcnow())
    click.echo(f"已从 {training.model} 退回 {training.former_model}。")


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Ends a training in order when it is stopped, and when it takes so long that something must be wrong."""

    def stop(number: int, _frame: object) -> None:
        raise TrainingStopped(_STOPPED[number])

    before = {number: signal.signal(number, stop) for number in _STOPPED}
    signal.alarm(int(ENDS_WITHIN.total_seconds()))
    try:
        yield
    finally:
        signal.alarm(0)
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url)
    try:
        migrations.upgrade(database.engine)
        yield database
    except (TrainingRefused, LiveModelBroken) as error:
        raise click.ClickException(str(error)) from None
    finally:
        database.close()


def _who(database: Database, clerk: str | None) -> str:
    """Raises click.ClickException: nobody of that login, or not one who may train models."""
    if clerk is None:
        return operator()
    with database.transaction() as session:
        try:
            person = accounts.get_person(session, clerk)
        except accounts.NoSuchPerson:
            raise click.ClickException(f"没有登录名为“{clerk}”的人") from None
        if not person.is_active or not accounts.may(person, Permission.TRAIN_MODELS):
            raise click.ClickException(f"“{clerk}”没有“{PERMISSION_TITLES[Permission.TRAIN_MODELS]}”的权限")
    return clerk


def _print_report(report: Mapping[str, Any]) -> None:
    click.echo(f"{'':26}{'live':>10}{'candidate':>10}")
    live, candidate = report["live"]["figures"], report["candidate"]["figures"]
    for figure in candidate:
        click.echo(f"{figure:26}{live.get(figure, 0.0):10.3f}{candidate[figure]:10.3f}")
    for change in report["changed"]:
        words = f"{change['live']} → {change['candidate']}（应为 {change['meant']}）"
        click.echo(f"{change['verdict']:7}{change['about']:13}{change['text']}：{words}")


def _moment(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"
