"""Teaching, reviewing, training, going live and back, all through the pages; training and asking a model are faked."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.answering.units import Sort, Unit
from bot.db import Database, utcnow
from bot.evaluation import scoring
from bot.evaluation.cases import OUTCOMES
from bot.evaluation.titles import OUTCOME_TITLES
from bot.lessons import service as lessons
from bot.lessons.labels import Label, LessonState, intents
from bot.places import ROOT
from bot.reviews import service as cases
from bot.reviews.reasons import Reason
from bot.running.live_model import live_model, live_model_path, model_path
from bot.running.model_making import fingerprint
from bot.settings import Settings
from bot.staff import accounts
from bot.staff.audit import search
from bot.staff.roles import Role
from bot.training import service, train
from bot.training.measuring import Measured, Questions
from bot.training.service import STARTS_WITHIN
from bot.web.console.act_words import ACTION_TITLES, ENTITY_TITLES, INTENT_TITLES
from bot.web.console.label_form import filled_with, in_words, label_of, read_catalogue
from bot.web.console.unit_words import title_of
from tests.databases import set_up
from tests.web.console import Browser, let_in, open_browser, settings_in
from tests.web.school import LOST, ask, fill_school, measured, passed, ship

PNG = b"\x89PNG a picture"
LOST_CARD = {"meant": "answer", "intent": "ask_materials", "item": "居民身份证补领"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    opened = Database(settings.database_url)
    set_up(opened, fill_school)
    yield opened
    opened.close()


@pytest.fixture
async def browser(settings: Settings, database: Database) -> AsyncIterator[Browser]:
    ship(settings)
    async with open_browser(settings) as opened:
        yield opened


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands of the processes that would have trained."""
    commands: list[list[str]] = []
    monkeypatch.setattr("subprocess.Popen", lambda command, **options: commands.append(command[2:]))
    return commands


def asked(database: Database, *texts: str) -> list[int]:
    with database.transaction() as session:
        return [ask(session, text).id for text in texts]


def proposed(database: Database, login: str, text: str = LOST[0]) -> int:
    with database.transaction() as session:
        author = accounts.get_person(session, login)
        return lessons.propose(session, text, Label("ask_materials", ("GA-003",)), author, utcnow()).id


def state_of(database: Database, lesson_id: int) -> str:
    with database.transaction() as session:
        lesson = lessons.get_lesson(session, lesson_id)
        assert lesson is not None
        return lesson.state


def audited(database: Database) -> list[tuple[str, str]]:
    """Who did what, oldest first."""
    with database.transaction() as session:
        entries = search(session).rows
        return [(entry.who, entry.action) for entry in reversed(entries) if not entry.action.endswith("_person")]


def live(settings: Settings) -> str:
    found = live_model(settings)
    assert found is not None
    return found.model


async def get(browser: Browser, path: str, status: int = 200) -> str:
    response = await browser.get(path)
    html = await response.text()
    assert response.status == status, html
    return html


async def post(browser: Browser, database: Database, login: str, path: str, status: int = 303, **form: Any) -> str:
    """Where it leads to, or the page that says why not."""
    token = let_in(browser, database, login)
    data = [(name, one) for name, value in form.items() for one in (value if isinstance(value, list) else [value])]
    headers = {"X-CSRF-Token": token}
    response = await browser.post(path, data=data, headers=headers, allow_redirects=False)
    assert response.status == status, await response.text()
    return response.headers["Location"] if status == 303 else await response.text()


def test_what_the_domain_names_has_a_chinese_name_for_staff() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    assert set(intents()) | {"nlu_fallback"} == set(INTENT_TITLES)
    assert set(domain["actions"]) == set(ACTION_TITLES)
    assert set(domain["entities"]) == set(ENTITY_TITLES)


def test_every_outcome_of_an_evaluation_has_a_title() -> None:
    assert {*OUTCOMES, *scoring._OUTCOME_OF.values(), "wrong item", "failed"} == set(OUTCOME_TITLES)


@pytest.mark.parametrize(
    ("label", "words"),
    [
        (Label("ask_fee", ("GA-003", "GA-006"), ("fee", "overview")), "或者答办事概要"),
        (Label("ask_place", (), ("place",)), "问：去哪办"),
        (Label("ask_fee", (), (), True, "无人机飞行申请"), "不该回答：目录里没有“无人机飞行申请”，问：收费"),
        (Label("out_of_scope", should_be_refused=True), "不该回答：不属于政务服务"),
        (Label("greet"), "打招呼"),
    ],
)
async def test_a_label_comes_back_from_the_form_as_it_was_put_in(
    browser: Browser, database: Database, label: Label, words: str
) -> None:
    with database.transaction() as session:
        catalogue = read_catalogue(session)
        again = label_of(session, filled_with(label, catalogue), catalogue)
        author = accounts.get_person(session, "clerk")
        kept = lessons.label_of(lessons.propose(session, "一句话", again, author, utcnow()))
        assert kept == label
        assert in_words(kept, catalogue).endswith(words)


def test_a_repealed_passage_is_told_from_the_one_of_the_same_title_that_is_in_force() -> None:
    unit = Unit("doc:a.md#1", "doc:a.md", Sort.PASSAGE, "1", "办法 第一条", "为了……", facet="第一条", work="办法")
    assert title_of(unit) == "《办法》第一条"
    assert title_of(replace(unit, in_force=False)) == "《办法》（已废止）第一条"


async def test_alike_questions_are_taught_at_one_go(browser: Browser, database: Database) -> None:
    first, second, third = asked(database, *LOST)
    asked(database, "今天天气怎么样")
    let_in(browser, database, "clerk")
    html = await get(browser, "/console/teach")
    assert html.index("3 次") < html.index("天气")
    assert f"/console/teach/clusters/{first}" in html
    html = await get(browser, f"/console/teach/clusters/{first}")
    assert all(text in html for text in LOST)
    assert "相似的话教的是" in html
    assert re.search(r'name="meant" value="answer" checked', html)  # of the first suggestion
    to = await post(
        browser, database, "clerk", f"/console/teach/clusters/{first}", message=[str(first), str(third)], **LOST_CARD
    )
    assert to == "/console/teach"
    with database.transaction() as session:
        found = lessons.lessons(session)
        assert sorted(lesson.message_id or 0 for lesson in found) == [first, third]
        assert {(lesson.intent, *lesson.items, *lesson.facets) for lesson in found} == {
            ("ask_materials", "GA-003", "materials")
        }
    assert (await get(browser, "/console/teach")).count(
        f">{LOST[1]}</a>"
    ) == 1  # what was not ticked is still to be taught
    assert "已经有人教过" in await get(browser, f"/console/teach/clusters/{first}", 404)
    assert str(second) in await get(browser, "/console/teach")
    assert audited(database) == [("clerk", "propose_lesson")]


async def test_a_group_needs_a_sentence_and_keeps_what_was_filled_in(browser: Browser, database: Database) -> None:
    first, second, _ = asked(database, *LOST)
    path = f"/console/teach/clusters/{first}"
    html = await post(browser, database, "clerk", path, 422, **LOST_CARD)
    assert "请至少选一句" in html
    assert 'value="居民身份证补领"' in html
    html = await post(browser, database, "clerk", path, 422, message=str(second), meant="answer")
    assert "请选意图" in html
    assert f'value="{second}" checked' in html
    assert f'value="{first}" checked' not in html


async def test_a_message_shows_what_the_bot_made_of_it_without_personal_data(
    browser: Browser, database: Database
) -> None:
    (number,) = asked(database, "我叫王小明，打13800138000，身份证补领要拿什么")
    let_in(browser, database, "clerk")
    html = await get(browser, f"/console/teach/{number}")
    assert "[手机号]" in html
    assert "13800138000" not in html
    assert "王小明" not in html
    assert "41%" in html
    to = await post(browser, database, "clerk", f"/console/teach/{number}", **LOST_CARD)
    assert to == f"/console/teach/{number}"
    html = await get(browser, to)
    assert "已经教过" in html
    assert "居民身份证补领（GA-003）" in html
    await get(browser, "/console/teach/99", 404)
    await get(browser, "/console/teach/99999999999999", 404)
    await get(browser, "/console/teach/x", 404)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"meant": "answer", "intent": "ask_fee", "item": "居住证"}, "最接近的：居住证申领（GA-006）"),
        ({"meant": "answer", "intent": "ask_fee", "item": "\0"}, ""),
        ({"meant": "answer", "intent": "greet", "item": "GA-003"}, "不针对事项"),
        ({"meant": "answer", "intent": "nonsense"}, "没有“nonsense”这个意图"),
        ({"meant": "answer", "intent": "ask_fee", "facet": "nonsense"}, "没有“nonsense”这个要素"),
        ({"meant": "absent", "intent": "ask_fee"}, "请写出目录里没有的事项名称"),
        ({"meant": "absent", "intent": "greet", "absent_matter": "无人机"}, "意图要选"),
        ({"meant": "nonsense", "intent": "ask_fee"}, "请选该不该回答"),
        ({}, "请选意图"),
    ],
)
async def test_what_makes_no_sense_is_not_taught(
    browser: Browser, database: Database, form: dict[str, str], said: str
) -> None:
    (number,) = asked(database, LOST[0])
    path = f"/console/teach/{number}"
    if said:
        assert said in await post(browser, database, "clerk", path, 422, **form)
    else:
        await post(browser, database, "clerk", path, **form)


async def test_what_was_suggested_does_not_count_against_a_refusal(browser: Browser, database: Database) -> None:
    (number,) = asked(database, LOST[0])
    await post(
        browser, database, "clerk", f"/console/teach/{number}", **{**LOST_CARD, "meant": "foreign", "facet": "fee"}
    )
    with database.transaction() as session:
        (lesson,) = lessons.lessons(session)
        assert (lesson.intent, lesson.items, lesson.should_be_refused) == ("out_of_scope", [], True)


async def test_a_case_leads_to_teaching_for_those_who_may(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        message = ask(session, LOST[0])
        case = cases.open_case(
            session, message.conversation_id, "portal", Reason.FELL_BACK_TWICE, [], utcnow(), LOST[0]
        )
        case.department_code, number = "GA", case.number
    let_in(browser, database, "clerk")
    assert f'href="/console/teach/{message.id}"' in await get(browser, f"/console/cases/{number}")
    let_in(browser, database, "department")
    assert "/console/teach" not in await get(browser, f"/console/cases/{number}")


async def test_what_needs_no_teaching_is_put_away_and_back(browser: Browser, database: Database) -> None:
    first, second, _ = asked(database, *LOST)
    (weather,) = asked(database, "今天天气怎么样")
    aside, back = "/console/teach/set-aside", "/console/teach/take-up"
    assert await post(browser, database, "clerk", aside, group=str(weather)) == "/console/teach"
    await post(browser, database, "clerk", aside, message=[str(first), str(second), "x"])
    await post(browser, database, "clerk", aside, group="999")
    html = await get(browser, "/console/teach")
    assert "今天天气怎么样" not in html
    assert (LOST[0] in html, LOST[2] in html) == (False, True)
    assert "今天天气怎么样" in await get(browser, "/console/teach?show=aside")
    await post(browser, database, "clerk", back, group=str(weather))
    assert "今天天气怎么样" in await get(browser, "/console/teach")
    assert [action for _, action in audited(database)] == [
        "set_question_aside",
        "set_question_aside",
        "take_question_up",
    ]


async def test_another_person_approves_and_the_author_cannot(browser: Browser, database: Database) -> None:
    own, others = proposed(database, "reviewer", "身份证丢了"), proposed(database, "clerk", "证件丢了")
    let_in(browser, database, "reviewer")
    html = await get(browser, "/console/lessons")
    mine = re.search(rf'aria-label="纠正 {own}".*?</article>', html, re.S)
    assert mine
    assert "/console/lessons/approve" not in mine[0]
    assert "自己提的" in mine[0]
    refused = await post(browser, database, "reviewer", "/console/lessons/approve", 422, lesson=[str(others), str(own)])
    assert "自己提的纠正要由别人复核" in refused
    assert (state_of(database, own), state_of(database, others)) == (LessonState.PROPOSED, LessonState.PROPOSED)
    await post(browser, database, "reviewer", "/console/lessons/approve", lesson=str(others))
    await post(browser, database, "supervisor", "/console/lessons/approve", lesson=str(own))
    assert (state_of(database, own), state_of(database, others)) == (LessonState.APPROVED, LessonState.APPROVED)
    assert audited(database) == [("reviewer", "approve_lesson"), ("supervisor", "approve_lesson")]
    again = await post(browser, database, "reviewer", "/console/lessons/approve", 422, lesson=str(others))
    assert "不能再改" in again
    let_in(browser, database, "clerk")
    assert "证件丢了" in await get(browser, "/console/lessons?state=approved")
    await post(browser, database, "clerk", "/console/lessons/approve", 403, lesson=str(others))


async def test_a_lesson_is_returned_with_a_reason_that_its_author_reads(browser: Browser, database: Database) -> None:
    number = proposed(database, "clerk")
    path = "/console/lessons/return"
    assert "请写明" in await post(browser, database, "reviewer", path, 422, lesson=str(number), why=" ")
    assert "没有这条纠正" in await post(browser, database, "reviewer", path, 422, lesson="x", why="不对")
    await post(browser, database, "reviewer", path, lesson=str(number), why="应是挂失")
    let_in(browser, database, "clerk")
    assert "应是挂失" in await get(browser, "/console/lessons?state=rejected")
    assert audited(database) == [("reviewer", "reject_lesson")]


async def test_a_lesson_is_withdrawn_by_its_author_and_later_by_who_reviews(
    browser: Browser, database: Database
) -> None:
    path = "/console/lessons/withdraw"
    waiting, used = proposed(database, "clerk", "身份证丢了"), proposed(database, "clerk", "证件丢了")
    assert "只有提出人" in await post(browser, database, "reviewer", path, 422, lesson=str(waiting))
    await post(browser, database, "clerk", path, lesson=str(waiting))
    await post(browser, database, "reviewer", "/console/lessons/approve", lesson=str(used))
    refused = await post(browser, database, "clerk", path, 422, lesson=str(used), why="不对")
    assert "要由能复核的人撤回" in refused
    assert "请写明" in await post(browser, database, "reviewer", path, 422, lesson=str(used))
    await post(browser, database, "reviewer", path, lesson=str(used), why="目录变了")
    assert (state_of(database, waiting), state_of(database, used)) == (LessonState.WITHDRAWN, LessonState.WITHDRAWN)
    assert "目录变了" in await get(browser, "/console/lessons?state=withdrawn")
    assert "没有待复核的纠正" in await get(browser, "/console/lessons?state=nonsense")


async def test_annotate_train_gate_refuses_a_worse_model_accepts_a_better_one_and_back(
    browser: Browser,
    database: Database,
    settings: Settings,
    started: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    share = {"shipped": 0.95}

    def fake_training(settings: Settings, taught: str | None = None) -> str:
        name = fingerprint(settings, taught)
        model_path(settings, name).touch()
        return name

    def fake_measure(settings: Settings, model: Path, questions: Questions, _: object) -> Measured:
        name = model.name.removesuffix(".tar.gz")
        return measured(
            name, share.get(name, share["candidate"]), is_right=name == "shipped" or share["candidate"] > 0.95
        )

    monkeypatch.setattr(train, "train", fake_training)
    monkeypatch.setattr(train, "measure", fake_measure)
    monkeypatch.setattr(train, "limits", lambda: train.GateLimits({"item_right": 0.93}, {"wrong_item": 0.01}))
    monkeypatch.setattr("bot.training.report.draw", lambda table, path: path.write_bytes(PNG))

    # Annotate, and approve as a second person.
    (first,) = asked(database, LOST[0])
    await post(browser, database, "clerk", f"/console/teach/clusters/{first}", message=str(first), **LOST_CARD)
    await post(browser, database, "reviewer", "/console/lessons/approve", lesson="1")

    # A worse model: refused, and there is nothing to agree to.
    share["candidate"] = 0.90
    page = await post(browser, database, "supervisor", "/console/models")
    assert page == "/console/models/1"
    assert started == [["bot", "train", "--candidate-only", "--training", "1"]]
    html = await get(browser, page)
    assert "训练中" in html
    assert '<meta http-equiv="refresh" content="10; url=/console/models/1?part=1">' in html
    assert "已经有一次训练" in await post(browser, database, "supervisor", "/console/models", 409)
    assert "没有在进行" in await post(browser, database, "supervisor", f"{page}/stop", 409)  # its process never began
    train.run_training(database, settings, 1, utcnow)
    html = await get(browser, page)
    assert "没过关，不能上线" in html
    assert "事项答对 90.0%，低于底线 93.0%" in html
    assert "变差 1" in html
    assert "答 · 居民身份证补领 · 要带什么" in html
    assert "http-equiv" not in html
    assert "同意上线" not in html
    assert await (await browser.get(f"{page}/live-confusion.png")).read() == PNG
    assert await (await browser.get(f"{page}/candidate-confusion.png")).read() == PNG
    assert "未过关" in await post(browser, database, "supervisor", f"{page}/agree", 409)
    assert live(settings) == "shipped"

    # A better one: goes live once a person agrees.
    share["candidate"] = 0.97
    page = await post(browser, database, "supervisor", "/console/models")
    train.run_training(database, settings, 2, utcnow)
    html = await get(browser, page)
    assert "同意上线" in html
    assert "没过关" not in html
    assert live(settings) == "shipped"
    await post(browser, database, "supervisor", f"{page}/agree")
    model = live(settings)
    assert model == fingerprint(settings, next((settings.var_dir / "lessons").iterdir()).name)
    with database.transaction() as session:
        service.went_live(session, model, utcnow())
    html = await get(browser, page)
    assert "使用中" in html
    assert "退回上一个模型" in html
    assert "同意上线</button>" not in html

    # And back.
    back = "/console/models/roll-back"
    assert "请写明" in await post(browser, database, "supervisor", back, 422, model=model, why=" ")
    assert await post(browser, database, "supervisor", back, model=model, why="答错太多") == "/console/models"
    assert live(settings) == "shipped"
    html = await get(browser, "/console/models")
    assert "答错太多" in html
    assert "97.0%" in html
    assert "退回上一个模型" not in html
    assert audited(database) == [
        ("clerk", "propose_lesson"),
        ("reviewer", "approve_lesson"),
        ("supervisor", "start_training"),
        ("supervisor", "start_training"),
        ("supervisor", "model_live"),
        ("supervisor", "model_rolled_back"),
    ]


async def test_two_who_go_back_at_once_go_back_one_step(
    browser: Browser, database: Database, settings: Settings
) -> None:
    for model in ("first", "second"):
        with database.transaction() as session:
            number = passed(session, settings, model).id
        await post(browser, database, "supervisor", f"/console/models/{number}/agree")
        with database.transaction() as session:
            service.went_live(session, model, utcnow())
    back = "/console/models/roll-back"
    await post(browser, database, "supervisor", back, model="second", why="答错太多")
    refused = await post(browser, database, "supervisor", back, 422, model="second", why="答错太多")
    assert "刚刚换过模型" in refused
    assert live(settings) == "first"


async def test_what_was_measured_against_another_model_has_no_button(
    browser: Browser, database: Database, settings: Settings
) -> None:
    with database.transaction() as session:
        old, new = passed(session, settings, "old").id, passed(session, settings, "new").id
    await post(browser, database, "supervisor", f"/console/models/{new}/agree")
    html = await get(browser, f"/console/models/{old}")
    assert "请重新训练" in html
    assert "同意上线</button>" not in html
    assert "请重新训练" in await post(browser, database, "supervisor", f"/console/models/{old}/agree", 409)
    await post(browser, database, "supervisor", "/console/models/99/agree", 404)


async def test_of_a_training_only_the_two_pictures_are_given(
    browser: Browser, database: Database, settings: Settings
) -> None:
    with database.transaction() as session:
        number = passed(session, settings).id
    let_in(browser, database, "supervisor")
    for name in ("report.json", "live-confusion.png", "..%2F..%2Flive_model.json", "log.txt"):
        await get(browser, f"/console/models/{number}/{name}", 404)  # the picture was not drawn
    assert "<img" not in await get(browser, f"/console/models/{number}")
    await get(browser, "/console/models/x/live-confusion.png", 404)


async def test_a_training_whose_process_is_gone_is_shown_as_failed(
    browser: Browser, database: Database, settings: Settings, started: list[list[str]]
) -> None:
    with database.transaction() as session:
        service.request_training(session, settings, "supervisor", utcnow() - STARTS_WITHIN - timedelta(seconds=1))
    let_in(browser, database, "supervisor")
    assert "训练进程中断" in await get(browser, "/console/models/1")
    assert "开始训练" in await get(browser, "/console/models")


async def test_a_live_model_file_that_cannot_be_read_is_said(
    browser: Browser, database: Database, settings: Settings
) -> None:
    with database.transaction() as session:
        number = passed(session, settings).id
    live_model_path(settings).write_text("{", encoding="utf-8")
    for path in ("/console/models", f"/console/models/{number}"):
        let_in(browser, database, Role.SUPERVISOR.value)
        assert "live_model.json" in await get(browser, path)
    assert "live_model.json" in await post(browser, database, "supervisor", f"/console/models/{number}/agree", 409)
