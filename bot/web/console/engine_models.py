"""Models: trainings, their comparison with the live model, going live, roll-back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue.service import names_of
from bot.db import Database, utcnow
from bot.evaluation.titles import OUTCOME_TITLES
from bot.language.facets import FACET_TITLES
from bot.lessons.service import approved
from bot.running.live_model import LiveModel, LiveModelBroken, live_model, live_model_path
from bot.settings import Settings
from bot.staff import audit
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.training import service
from bot.training.gate import ERRORS
from bot.training.models import Training
from bot.training.service import STARTS_WITHIN, STATE_TITLES, UNDER_WAY, TrainingRefused, TrainingState, training_dir
from bot.web.console.access import needs
from bot.web.console.fields import number_in
from bot.web.console.pages import error_page, form_of, page, person_of, redirect, transact
from bot.web.console.words import duration
from bot.web.keys import DATABASE, SETTINGS

routes = web.RouteTableDef()

FIGURE_TITLES = {
    "right_outcome": "该答的答、该拒的拒",
    "item_right": "事项答对",
    "item_offered": "请对方选，里面有对的",
    "facet_right": "要素答对",
    "wrong_item": "答成别的事项",
    "choices_offered": "说得不明时请对方选",
    "out_of_scope_refused": "不属于政务服务的拒答",
    "absent_refused": "目录里没有的拒答",
    "intent_accuracy": "意图判断正确",
    "intent_macro_f1": "意图的宏平均 F1",
    "conversations_right": "整段对话答对",
    "conversation_tests_right": "对话测试通过",
    "lessons_right": "教过的答对",
    "letters_right": "来信答对",
    "letters_ok": "来信答得有些用",
    "letters_useless": "来信没答上",
    "letters_wrong": "来信答错",
    "turns_right": "追问答对",
    "turns_ok": "追问答得有些用",
    "turns_useless": "追问没答上",
    "turns_wrong": "追问答错",
}
FIGURES_LISTED = ("right_outcome", "item_right", "wrong_item", "lessons_right")
# Picture file of a training → the model that it shows, as a key of `_sides`.
PICTURES = {"live-confusion.png": "live", "candidate-confusion.png": "candidate"}
VERDICT_TITLES = {"worse": "变差", "better": "变好", "other": "不同，对错没变"}
ABOUT_TITLES = {"message": "评测", "lesson": "纠正", "conversation": "对话"}
REFRESH_SECONDS = 10
MOST_TRAININGS = 20
MOST_LOG_LINES = 15
MOST_WHY_CHARACTERS = 500

_CHANGING = (*UNDER_WAY, TrainingState.GOING_LIVE)
# The words of the report (`bot.evaluation.scoring`) → Chinese. The item's name follows `item`.
_WORDS = OUTCOME_TITLES | FACET_TITLES | {"right": "对", "item": "答"}


@dataclass(frozen=True)
class _Listed:
    """`reports`: id of the training → report, for trainings that have one. `can_go_back_from`: see `_last_live`."""

    trainings: list[Training]
    reports: dict[int, dict[str, Any]]
    taught_count: int
    live: LiveModel | None
    can_go_back_from: Training | None


@dataclass(frozen=True)
class _Shown:
    """`names`: code → name, of the items in the report."""

    training: Training
    report: dict[str, Any] | None
    names: dict[str, str]
    live: LiveModel | None
    can_go_back_from: Training | None


@routes.get("/console/models")
@needs(Permission.TRAIN_MODELS)
async def models(request: web.Request) -> web.Response:
    return await _list_page(request)


@routes.post("/console/models")
@needs(Permission.TRAIN_MODELS)
async def start(request: web.Request) -> web.Response:
    app, who = request.app, person_of(request).login
    try:
        training = await asyncio.to_thread(_start, app[DATABASE], app[SETTINGS], who)
    except TrainingRefused as refused:
        return await _list_page(request, 409, str(refused))
    return redirect(request, f"/console/models/{training.id}", "训练开始了，要好些分钟；可以离开这一页")


@routes.post("/console/models/roll-back")
@needs(Permission.TRAIN_MODELS)
async def roll_back(request: web.Request) -> web.Response:
    form = await form_of(request)
    try:
        training = await transact(request, _roll_back, request.app[SETTINGS], person_of(request), form)
    except TrainingRefused as refused:
        return await _list_page(request, 422, str(refused), why=form.get("why", ""))
    except LiveModelBroken:
        return await _list_page(request, 422, why=form.get("why", ""))
    return redirect(request, "/console/models", f"正在退回 {training.former_model}，一两分钟内换好")


@routes.get("/console/models/{training_id}")
@needs(Permission.TRAIN_MODELS)
async def training_page(request: web.Request) -> web.Response:
    return await _training_page(request)


@routes.post("/console/models/{training_id}/agree")
@needs(Permission.TRAIN_MODELS)
async def agree(request: web.Request) -> web.Response:
    number = _number(request)
    try:
        known = await transact(request, _agree, request.app[SETTINGS], number, person_of(request))
    except TrainingRefused as refused:
        return await _training_page(request, 409, str(refused))
    except LiveModelBroken:
        return await _training_page(request, 409)
    if not known:
        return _no_training(request)
    return redirect(request, f"/console/models/{number}", "已同意上线，一两分钟内换好，对话不会断")


@routes.post("/console/models/{training_id}/stop")
@needs(Permission.TRAIN_MODELS)
async def stop(request: web.Request) -> web.Response:
    """Tells the training that is under way to stop; it ends by itself, and writes down that it was stopped."""
    number = _number(request)
    if not await transact(request, _stop, request.app[SETTINGS], number, person_of(request)):
        return await _training_page(request, 409, "这次训练没有在进行，或者是在服务器上开始的，请在那里停")
    return redirect(request, f"/console/models/{number}", "正在停，一会儿就好")


@needs(Permission.TRAIN_MODELS)
async def picture(request: web.Request) -> web.Response:
    path = training_dir(request.app[SETTINGS], _number(request)) / PurePosixPath(request.path).name
    try:
        body = await asyncio.to_thread(path.read_bytes)
    except FileNotFoundError:
        return error_page(request, 404, "没有这张图")
    return web.Response(body=body, content_type="image/png")


# One route for each name, so that no other file of the folder can be read.
for _name in PICTURES:
    routes.get(f"/console/models/{{training_id}}/{_name}")(picture)


async def _list_page(request: web.Request, status: int = 200, error: str = "", why: str = "") -> web.Response:
    shown, broken = await transact(request, _listed, request.app[SETTINGS])
    return page(
        request,
        "models.html",
        status,
        shown=shown,
        live=shown.live,
        can_go_back_from=shown.can_go_back_from,
        is_under_way=any(training.state in UNDER_WAY for training in shown.trainings),
        titles=FIGURE_TITLES,
        listed=FIGURES_LISTED,
        states=STATE_TITLES,
        most_why=MOST_WHY_CHARACTERS,
        why=why,
        error=error or broken,
    )


async def _training_page(request: web.Request, status: int = 200, error: str = "") -> web.Response:
    settings, number = request.app[SETTINGS], _number(request)
    shown, broken = await transact(request, _shown, settings, number)
    if shown is None:
        return _no_training(request)
    return page(
        request,
        "models_training.html",
        status,
        shown=shown,
        training=shown.training,
        live=shown.live,
        can_go_back_from=shown.can_go_back_from,
        report=shown.report,
        refusals={refusal["figure"]: refusal for refusal in shown.report["refused_because"]} if shown.report else {},
        sides=_sides(shown),
        pictures={name: side for name, side in PICTURES.items() if (training_dir(settings, number) / name).exists()},
        is_under_way=shown.training.state in UNDER_WAY,
        log=await asyncio.to_thread(_log_of, settings, number),
        now=utcnow(),
        duration=duration,
        refresh=REFRESH_SECONDS if shown.training.state in _CHANGING else None,
        titles=FIGURE_TITLES,
        errors=ERRORS,
        states=STATE_TITLES,
        verdicts=VERDICT_TITLES,
        abouts=ABOUT_TITLES,
        in_words=_in_words,
        most_why=MOST_WHY_CHARACTERS,
        why="",
        error=error or broken,
    )


def _no_training(request: web.Request) -> web.Response:
    return error_page(request, 404, "没有这次训练")


def _listed(session: Session, settings: Settings) -> tuple[_Listed, str]:
    """The list, and a text that says what is wrong with the file that names the live model; empty if nothing is."""
    _settle(session, settings)
    found = service.trainings(session, MOST_TRAININGS)
    reports = {training.id: report for training in found if (report := service.report_of(training)) is not None}
    live, broken = _live(settings)
    return _Listed(found, reports, len(approved(session)), live, _last_live(session)), broken


def _shown(session: Session, settings: Settings, training_id: int) -> tuple[_Shown | None, str]:
    _settle(session, settings)
    training = service.get_training(session, training_id)
    if training is None:
        return None, ""
    report = service.report_of(training)
    words = {word for change in (report["changed"] if report else ()) for word in _words_of(change)}
    live, broken = _live(settings)
    return _Shown(training, report, names_of(session, sorted(words)), live, _last_live(session)), broken


def _settle(session: Session, settings: Settings) -> None:
    """Marks trainings whose process has died as failed.

    Not while a process may be starting: the check holds the training lock for a moment, and the process would fail to
    take it.
    """
    now = utcnow()
    under_way = [training for training in service.trainings(session) if training.state in UNDER_WAY]
    if under_way and all(now - training.started_at > STARTS_WITHIN for training in under_way):
        service.settle_dead(session, settings, now)


def _live(settings: Settings) -> tuple[LiveModel | None, str]:
    try:
        return live_model(settings), ""
    except LiveModelBroken:
        return None, _broken(settings)


def _broken(settings: Settings) -> str:
    """The message for LiveModelBroken: a supervisor reads it, an operator repairs the file."""
    return f"看不出该用哪个模型：{live_model_path(settings)} 坏了，请运维人员修好，或者删掉（删掉就用出厂的模型）"


def _sides(shown: _Shown) -> dict[str, str]:
    """The titles of the two models in the report. The model that was live then may have been replaced since."""
    is_still_live = shown.live is not None and shown.live.model == shown.training.former_model
    return {"live": "使用中" if is_still_live else "当时使用中", "candidate": "新模型"}


def _last_live(session: Session) -> Training | None:
    """The training that a roll-back would undo: the last that went live. None if no model answered before it."""
    answering = [
        one for one in service.trainings(session) if one.state in (TrainingState.LIVE, TrainingState.GOING_LIVE)
    ]
    newest = max(answering, key=lambda one: (one.agreed_at or one.started_at, one.id), default=None)
    return newest if newest is not None and newest.former_model else None


def _start(database: Database, settings: Settings, who: str) -> Training:
    now = utcnow()
    training = service.start_training(database, settings, who, now)
    with database.transaction() as session:
        audit.record(session, who=who, action="start_training", subject=f"训练 {training.id}", why="", at=now)
    return training


def _agree(session: Session, settings: Settings, training_id: int, person: Person) -> bool:
    """False if there is no such training. Raises TrainingRefused, LiveModelBroken."""
    training = service.get_training(session, training_id)
    if training is None:
        return False
    service.agree(session, settings, training, person.login, utcnow())
    return True


def _stop(session: Session, settings: Settings, training_id: int, person: Person) -> bool:
    training = service.get_training(session, training_id)
    if training is None or training.state not in UNDER_WAY or not service.stop_training(settings, 0):
        return False
    audit.record(session, who=person.login, action="stop_training", subject=f"训练 {training_id}", why="", at=utcnow())
    return True


def _log_of(settings: Settings, training_id: int) -> list[str]:
    """The last lines that the training has written."""
    path = training_dir(settings, training_id) / "log.txt"
    if not path.exists():
        return []
    return path.read_text(encoding="utf-8", errors="replace").splitlines()[-MOST_LOG_LINES:]


def _roll_back(session: Session, settings: Settings, person: Person, form: Mapping[str, str]) -> Training:
    """Raises TrainingRefused, also if the live model is not the one that the page showed: it was changed meanwhile.

    Raises LiveModelBroken.
    """
    live = live_model(settings)
    if live is not None and live.model != form.get("model"):
        raise TrainingRefused("刚刚换过模型，请看过再退")
    return service.roll_back(session, settings, person.login, form.get("why", ""), utcnow())


def _words_of(change: Mapping[str, str]) -> list[str]:
    return [word for side in ("meant", "live", "candidate") for word in change[side].split()]


def _in_words(said: str, about: str, names: Mapping[str, str]) -> str:
    """A report's words on one model, such as `item GA-003 fee`, in Chinese. Flaws of conversations are written so."""
    if about == "conversation":
        return _WORDS.get(said, said)
    return " · ".join(names.get(word) or _WORDS.get(word, word) for word in said.split())


def _number(request: web.Request) -> int:
    """The id in the path. 0, which no training has, if it is not a number that fits the column."""
    return number_in(request.match_info["training_id"]) or 0
