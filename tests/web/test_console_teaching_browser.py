"""Teaching, reviewing, training, going live and back in Chromium, as a clerk, a reviewer and a supervisor do it.

What takes minutes is replaced where `bot.training` calls it, and nowhere else: the process that trains (`Popen`),
Rasa's training (`train.train`), asking a model everything (`train.measure`), drawing (`report.draw`). The lessons'
export, the gate with the floors of `bot/evaluation/sets`, the report and the pages are the real ones. That the engine
has changed over is said by the test (`service.went_live`), in place of the assistant that does not run here.
"""

from __future__ import annotations

import asyncio
import base64
import subprocess
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.async_api import Locator, Page, expect

from bot.db import Database, utcnow
from bot.evaluation.cases import MessageCase
from bot.evaluation.scoring import Judged
from bot.lessons import service as lessons
from bot.lessons.labels import LessonState
from bot.lessons.models import Lesson
from bot.running.live_model import live_model, model_path
from bot.running.model_making import fingerprint
from bot.settings import Settings
from bot.staff.audit import search
from bot.training import service, train
from bot.training.measuring import LessonJudged, Measured, Questions
from bot.training.service import TrainingState
from tests.databases import set_up
from tests.web.console import Browser, open_browser, settings_in
from tests.web.pages import OpenPage, chromium, sign_in
from tests.web.school import CASE, LOST, ask, fill_school, ship

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=")
SHIPPED_ITEM_RIGHT = 0.97


@dataclass
class Trainer:
    """Trains at once: the model is an empty file, and its figures are set beforehand.

    `item_right`: of the next model; below what the shipped one gets, it takes `CASE` for another item. Whatever it
    gets, it has learnt the lessons, which the shipped model does not know.
    """

    database: Database
    settings: Settings
    item_right: float = 0.0
    started: list[list[str]] = field(default_factory=list)

    def start(self, command: list[str], **options: object) -> None:
        self.started.append(command[2:])

    def train(self, settings: Settings, taught: str | None = None) -> str:
        name = fingerprint(settings, taught)
        model_path(settings, name).touch()
        return name

    def measure(self, settings: Settings, model: Path, asked: Questions, _: object) -> Measured:
        name = model.name.removesuffix(".tar.gz")
        if name == "shipped":
            return measured(name, SHIPPED_ITEM_RIGHT, asked.lessons, taken_for="GA-003", has_learnt=False)
        taken_for = "GA-003" if self.item_right >= SHIPPED_ITEM_RIGHT else "GA-006"
        return measured(name, self.item_right, asked.lessons, taken_for=taken_for, has_learnt=True)

    async def finish(self) -> None:
        """Runs the work of the process that was started last."""
        number = int(self.started[-1][-1])
        await asyncio.to_thread(train.run_training, self.database, self.settings, number, utcnow)

    def change_over(self) -> None:
        """Does what the supervisor process does once the engine answers with the wanted model."""
        with self.database.transaction() as session:
            service.went_live(session, live(self.settings), utcnow())


def measured(name: str, item_right: float, taught: Sequence[Lesson], *, taken_for: str, has_learnt: bool) -> Measured:
    """All figures but those two are a little above their floors."""
    limits = train.limits()
    figures = {figure: floor + 0.01 for figure, floor in limits.at_least.items()} | dict(limits.at_most)
    figures |= {"item_right": item_right, "lessons_right": 1.0 if has_learnt else 0.0}
    return Measured(
        name,
        figures,
        [Judged(CASE, "item", (taken_for,), "materials", "ask_materials")],
        {},
        1,
        [LessonJudged(lesson, answer_to(lesson, has_learnt)) for lesson in taught],
    )


def answer_to(lesson: Lesson, has_learnt: bool) -> Judged:
    case = MessageCase(lesson.text, "item", tuple(lesson.items), tuple(lesson.facets), "test")
    if has_learnt:
        return Judged(case, "item", case.items, case.facets[0], lesson.intent)
    return Judged(case, "nothing_found", (), None, "ask_policy")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    opened = Database(settings.database_url)
    set_up(opened)
    yield opened
    opened.close()


@pytest.fixture
async def console(settings: Settings, database: Database) -> AsyncIterator[Browser]:
    fill_school(database)
    ship(settings)
    async with open_browser(settings) as opened:
        yield opened


@pytest.fixture
async def open_page(console: Browser) -> AsyncIterator[OpenPage]:
    async with chromium(console) as opened:
        yield opened


@pytest.fixture
def trainer(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Trainer:
    made = Trainer(database, settings)
    # Not in `subprocess` itself: Playwright starts Chromium with it.
    processes = SimpleNamespace(Popen=made.start, DEVNULL=subprocess.DEVNULL)
    monkeypatch.setattr("bot.training.service.subprocess", processes)
    monkeypatch.setattr(train, "train", made.train)
    monkeypatch.setattr(train, "measure", made.measure)
    monkeypatch.setattr("bot.training.report.draw", lambda table, path: path.write_bytes(PNG))
    # The page of a training asks by itself how far it is; nobody here has ten seconds.
    monkeypatch.setattr("bot.web.console.engine_models.REFRESH_SECONDS", 1)
    return made


def live(settings: Settings) -> str:
    found = live_model(settings)
    assert found is not None
    return found.model


def states(database: Database) -> list[str]:
    """Of all trainings, the oldest first."""
    with database.transaction() as session:
        return [training.state for training in reversed(service.trainings(session))]


def deeds(database: Database) -> list[tuple[str, str, str]]:
    """Who did what to what, the oldest first; not who came."""
    with database.transaction() as session:
        entries = [entry for entry in search(session).rows if not entry.action.endswith(("_person", "sign_in"))]
        return [(entry.who, entry.action, entry.subject) for entry in reversed(entries)]


def main_of(page: Page) -> Locator:
    return page.get_by_role("main")


async def go_to(page: Page, part: str, title: str) -> None:
    await page.get_by_role("navigation", name="主导航").get_by_role("link", name=part, exact=True).click()
    await expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()


async def label_the_group(page: Page) -> None:
    """All of `LOST` at one go; the first suggestion has the item right already."""
    await go_to(page, "教学", "没答上的问题")
    await page.get_by_role("article").filter(has_text="3 次").get_by_role("link").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("教一组 问了 3 次")
    for text in LOST:
        await expect(page.get_by_role("checkbox", name=text, exact=True)).to_be_checked()
    await expect(page.get_by_label("该回答", exact=True)).to_be_checked()
    await expect(page.get_by_label("事项（没有说到哪一项就空着）")).to_have_value("居民身份证补领（GA-003）")
    await page.get_by_label("意图（问的是什么）").select_option("问：要带什么")
    await page.get_by_role("button", name="提交，等人复核").click()
    await expect(page.get_by_role("status")).to_have_text("已提交 3 条纠正，等别人复核")
    await expect(page.get_by_role("article")).to_have_count(1)
    await expect(page.get_by_role("article")).to_contain_text("今天天气怎么样")


async def accept_all(page: Page) -> None:
    await go_to(page, "教学", "没答上的问题")
    await page.get_by_role("link", name="待复核 3 条").click()
    await expect(page.get_by_role("article")).to_have_count(3)
    for lesson in await page.get_by_role("article").all():
        await expect(lesson).to_contain_text("问：要带什么；居民身份证补领（GA-003）")
        await lesson.get_by_role("checkbox").check()
    await page.get_by_role("button", name="采用选中的").click()
    await expect(page.get_by_role("status")).to_have_text("已采用 3 条：写明答案的马上就用，其余下次训练学")
    await expect(main_of(page)).to_contain_text("没有待复核的纠正。")


async def start_a_training(page: Page, number: int) -> None:
    await go_to(page, "模型", "模型")
    await expect(page.get_by_role("region", name="使用中")).to_contain_text("已采用的纠正 3 条。")
    await page.get_by_role("button", name="开始训练").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"训练 {number} 训练中")
    await expect(main_of(page)).to_contain_text("训练开始了，要好些分钟；可以离开这一页")


async def see_why_it_is_refused(page: Page) -> None:
    """The floor that it broke, the message that got worse, and nothing to put it live with."""
    await expect(page.get_by_role("heading", level=1)).to_have_text("训练 1 未过关")
    refusals = page.get_by_role("region", name="没过关，不能上线").get_by_role("listitem")
    floor = train.limits().at_least["item_right"]
    await expect(refusals).to_have_text(
        [f"事项答对 90.0%，低于底线 {floor:.1%}", "事项答对 90.0%，低于使用中的模型允许的 96.0%"]
    )
    await expect(figure_of(page, "事项答对")).to_have_text(["97.0%", "90.0% 没过关", "-7.0"])
    await expect(changes_of(page, "变差")).to_have_text(
        [
            "评测",
            CASE.text,
            "答 · 居民身份证补领 · 要带什么",
            "答 · 居民身份证补领 · 要带什么",
            "答 · 居住证申领 · 要带什么",
        ]
    )
    await expect(page.get_by_role("button", name="上线")).to_have_count(0)


async def compare_with_the_better(page: Page) -> None:
    await expect(page.get_by_role("heading", level=1)).to_have_text("训练 2 等待同意上线")
    await expect(page.get_by_role("region", name="没过关，不能上线")).to_have_count(0)
    await expect(page.get_by_role("columnheader")).to_contain_text(["指标", "使用中", "新模型"])
    await expect(figure_of(page, "事项答对")).to_have_text(["97.0%", "99.0%", "+2.0"])
    await expect(figure_of(page, "教过的答对")).to_have_text(["0.0%", "100.0%", "+100.0"])
    for side in ("使用中", "新模型"):
        picture = page.get_by_role("img", name=f"{side}：应当怎么答（行）、实际怎么答（列）")
        await picture.scroll_into_view_if_needed()
        await expect(picture).to_have_js_property("naturalWidth", 1)
    await expect(changes_of(page, "变差")).to_have_count(0)
    await expect(changes_of(page, "变好")).to_have_count(5 * len(LOST))
    for text in LOST:
        row = page.get_by_role("row").filter(has=page.get_by_role("cell", name=text, exact=True))
        await expect(row.get_by_role("cell")).to_have_text(
            ["纠正", text, "答 · 居民身份证补领 · 要带什么", "没找到", "答 · 居民身份证补领 · 要带什么"]
        )


def figure_of(page: Page, title: str) -> Locator:
    """Its cells: the live model's and the candidate's."""
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=title, exact=True)).get_by_role("cell")


def changes_of(page: Page, verdict: str) -> Locator:
    """Their cells, five a change."""
    return page.get_by_role("group").filter(has=page.get_by_text(verdict)).get_by_role("cell")


def fact_of(page: Page, title: str) -> Locator:
    facts = page.get_by_role("region", name="经过").locator("div")
    return facts.filter(has=page.get_by_role("term").filter(has_text=title)).get_by_role("definition")


def row_of(page: Page, number: int) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=f"训练 {number}"))


async def test_a_worse_model_is_refused_a_better_one_goes_live_when_agreed_to_and_is_taken_back(
    open_page: OpenPage, trainer: Trainer, database: Database, settings: Settings
) -> None:
    with database.transaction() as session:
        for text in (*LOST, "今天天气怎么样"):
            ask(session, text)

    clerk, reviewer, supervisor = [await open_page() for _ in range(3)]
    await sign_in(clerk, "clerk")
    await label_the_group(clerk)
    await sign_in(reviewer, "reviewer")
    await accept_all(reviewer)
    with database.transaction() as session:
        learnt = lessons.approved(session)
        assert sorted(lesson.text for lesson in learnt) == sorted(LOST)
        assert {(lesson.state, lesson.intent, *lesson.items) for lesson in learnt} == {
            (LessonState.APPROVED, "ask_materials", "GA-003")
        }

    page = supervisor
    await sign_in(page, "supervisor")
    trainer.item_right = 0.90
    await start_a_training(page, 1)
    await trainer.finish()
    await see_why_it_is_refused(page)
    assert (states(database), live(settings)) == ([TrainingState.REFUSED], "shipped")

    trainer.item_right = 0.99
    await start_a_training(page, 2)
    await trainer.finish()
    await compare_with_the_better(page)
    assert (states(database), live(settings)) == ([TrainingState.REFUSED, TrainingState.WAITING_FOR_CONSENT], "shipped")

    await page.get_by_role("button", name="同意上线").click()
    await expect(page.get_by_role("status").first).to_have_text("已同意上线，一两分钟内换好，对话不会断")
    await expect(page.get_by_role("heading", level=1)).to_have_text("训练 2 正在上线")
    trainer.change_over()
    await expect(page.get_by_role("heading", level=1)).to_have_text("训练 2 使用中")
    await expect(fact_of(page, "同意上线")).to_contain_text("supervisor")
    await expect(page.get_by_role("button", name="同意上线")).to_have_count(0)
    # The model that it was compared with no longer answers.
    await expect(page.get_by_role("columnheader", name="当时使用中").first).to_be_visible()
    model = live(settings)
    assert model == await fact_of(page, "新模型").inner_text()
    assert states(database) == [TrainingState.REFUSED, TrainingState.LIVE]

    await page.get_by_label("理由（记入审计日志）").fill("答错太多")
    await page.get_by_role("button", name="退回上一个模型").click()
    await expect(page.get_by_role("status")).to_have_text("正在退回 shipped，一两分钟内换好")
    await expect(page.get_by_role("region", name="使用中")).to_contain_text("shipped")
    await expect(page.get_by_role("button", name="退回上一个模型")).to_have_count(0)
    await expect(row_of(page, 2)).to_contain_text("已退回")
    await expect(row_of(page, 2)).to_contain_text("答错太多")
    await expect(row_of(page, 1)).to_contain_text("未过关差在事项答对")
    assert (states(database), live(settings)) == ([TrainingState.REFUSED, TrainingState.ROLLED_BACK], "shipped")
    assert trainer.started == [["bot", "train", "--candidate-only", "--training", number] for number in ("1", "2")]
    assert deeds(database) == [
        ("clerk", "propose_lesson", "纠正 1 等 3 条"),
        ("reviewer", "approve_lesson", "纠正 3"),
        ("reviewer", "approve_lesson", "纠正 2"),
        ("reviewer", "approve_lesson", "纠正 1"),
        ("supervisor", "start_training", "训练 1"),
        ("supervisor", "start_training", "训练 2"),
        ("supervisor", "model_live", model),
        ("supervisor", "model_rolled_back", f"{model} → shipped"),
    ]
