"""The queue, the page of a case, live updates, publishing an answer, each with the rights of each role."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.models import Department
from bot.conversations import service as conversations
from bot.conversations.models import Conversation, StaffMessage
from bot.conversations.outcomes import Outcome
from bot.conversations.provenance import Provenance
from bot.conversations.staff_messages import staff_messages
from bot.conversations.subjects import PolicyAnswer, QuotedSource, written
from bot.db import Database, utcnow
from bot.documents.service import search
from bot.reviews import handling, service
from bot.reviews.models import CannedReply, Case
from bot.reviews.reasons import Priority, Reason
from bot.reviews.states import CaseState
from bot.sealing import Sealer
from bot.settings import Settings
from bot.staff import accounts, sign_ins
from bot.staff.models import AuditEntry, Person, SignIn
from bot.staff.roles import Role
from bot.web import event_streams
from bot.web.console.case_acts import ACTS
from bot.web.console.words import duration
from bot.web.keys import LIVE
from bot.web.live import QUEUE
from tests.clock import NOW
from tests.web.console import PASSWORD, Browser, fill, let_in, open_browser, settings_in

QUESTION = "居住证怎么办，我的手机是13812345678"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return settings_in(tmp_path, DATABASE_URL=database_url)


@pytest.fixture
async def browser(settings: Settings, database: Database) -> AsyncIterator[Browser]:
    fill(database)
    with database.transaction() as session:
        session.add(Department(code="MZ", name="民政局", short_names=[], phone="0990-2"))
        accounts.add_person(
            session, login="lisi", name="李四", role=Role.CLERK, password=PASSWORD, who="terminal:root", now=utcnow()
        )
    async with open_browser(settings) as opened:
        yield opened


def open_case(
    session: Session, text: str = QUESTION, at: datetime | None = None, reason: Reason = Reason.FELL_BACK_TWICE
) -> Case:
    """A case from a portal conversation in which the bot found nothing."""
    at = at or utcnow()
    conversation = conversations.open_conversation(session, conversations.new_conversation_id(), "portal", at)
    message = conversations.store_message(session, conversation, text, at, "1")
    source = QuotedSource("居住证办法", None, "第六条", "…", None, None, in_force=None)
    reply = {
        "text": "没有找到把握大的答案，拨打0990-8810110。",
        "custom": written(PolicyAnswer((source,))),
    }
    how = Provenance(Outcome.NOTHING_FOUND, "ask_policy", 0.41, (("item", "居住证签发"),), "action_answer")
    conversations.store_answer(session, message.id, [reply], how, at)
    return service.open_case(session, conversation.id, "portal", reason, [], at, text)


def person(session: Session, login: str) -> Person:
    return accounts.get_person(session, login)


def claimed_case(database: Database, login: str = "clerk") -> str:
    """Its number."""
    with database.transaction() as session:
        case = open_case(session)
        handling.claim(session, case, person(session, login), utcnow())
        return case.number


def the_case(session: Session, number: str) -> Case:
    return service.get_case(session, number)


async def get(browser: Browser, path: str) -> str:
    response = await browser.get(path)
    assert response.status == 200, path
    return await response.text()


async def act(browser: Browser, token: str, number: str, name: str, **fields: str) -> tuple[int, str]:
    """Status and page; where it worked, the page that comes then, with the sentence that says so."""
    response = await browser.post(f"/console/cases/{number}/{name}", data={"form_token": token, **fields})
    status = response.history[0].status if response.history else response.status
    return status, await response.text()


def shown_numbers(page: str) -> list[str]:
    return [part.split('"')[0] for part in page.split('data-case="')[1:]]


@time_machine.travel(NOW.replace(hour=20))
async def test_the_queue_shows_masked_questions_most_pressing_first(browser: Browser, database: Database) -> None:
    # In the evening a first reply is promised for tomorrow, so only the case of nine days ago is pressing today.
    with database.transaction() as session:
        fresh, overdue = open_case(session), open_case(session, "低保怎么申请", utcnow() - timedelta(days=9))
        urgent = open_case(session, "学校报名")
        handling.set_priority(session, urgent, person(session, "clerk"), utcnow(), Priority.URGENT)
        numbers = [overdue.number, urgent.number, fresh.number]
    let_in(browser, database, "clerk")
    page = await get(browser, "/console/queue")
    assert shown_numbers(page) == numbers
    assert "[手机号]" in page
    assert "13812345678" not in page
    assert "超时" in page
    assert "连续两次没答上" in page
    assert page.count("认领</button>") == 3


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["new", "mine"]),
        ("reason=asked_for_person", ["mine"]),
        ("reason=nonsense", ["new", "mine"]),
        ("state=new", ["new"]),
        ("mine=1", ["mine"]),
        ("overdue=1", []),
        ("older_than=1", ["new"]),
        ("older_than=24", []),
        ("channel=portal", ["new", "mine"]),
        ("channel=api", []),
        ("department=GA", []),
        ("snoozed=1", ["snoozed"]),
        ("text=公积金", ["mine"]),
        ("text=%25", []),
        ("page=x", ["new", "mine"]),
    ],
)
async def test_each_filter_narrows_the_queue(
    browser: Browser, database: Database, query: str, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.fromisoformat("2026-03-02T12:00:00+08:00")
    monkeypatch.setattr("bot.web.console.queue.utcnow", lambda: now)
    with database.transaction() as session:
        clerk = person(session, "clerk")
        cases = {
            "new": open_case(session, at=now - timedelta(hours=2, minutes=58)),
            "mine": open_case(session, "公积金提取", now, Reason.ASKED_FOR_PERSON),
            "snoozed": open_case(session, "先放一放", now),
        }
        cases["new"].due_at = now + timedelta(hours=1)
        handling.claim(session, cases["mine"], clerk, now)
        handling.claim(session, cases["snoozed"], clerk, now)
        handling.snooze(session, cases["snoozed"], clerk, now, now + timedelta(days=1))
        names = {case.number: name for name, case in cases.items()}
    let_in(browser, database, "clerk")
    page = await get(browser, f"/console/queue?{query}")
    assert sorted(names[number] for number in shown_numbers(page)) == sorted(expected)


async def test_a_part_of_a_page_is_only_that_part(browser: Browser, database: Database) -> None:
    number = claimed_case(database)
    let_in(browser, database, "clerk")
    for path in ("/console/queue", f"/console/cases/{number}"):
        part = await get(browser, f"{path}?part=all")
        assert "data-part=" in part
        assert "<html" not in part
        assert number in part


async def test_the_page_of_a_case_tells_how_the_bot_understood(browser: Browser, database: Database) -> None:
    number = claimed_case(database)
    let_in(browser, database, "clerk")
    page = await get(browser, f"/console/cases/{number}")
    for shown in ("没找到答案", "问政策文件", "41%", "事项：居住证签发", "查答案", "《居住证办法》第六条"):
        assert shown in page
    assert "0990-8810110" in page  # from a record: the city's own
    assert "13812345678" not in page


async def test_of_two_clerks_one_gets_the_case_and_the_other_is_told_by_whom(
    browser: Browser, database: Database
) -> None:
    with database.transaction() as session:
        number = open_case(session).number
    token = let_in(browser, database, "lisi")
    status, page = await act(browser, token, number, "claim")
    assert status == 303
    assert "由您负责到底" in page
    status, page = await act(browser, let_in(browser, database, "clerk"), number, "claim")
    assert status == 409
    assert "这件刚被李四认领" in page


async def test_a_clerk_takes_over_replies_and_hands_back(browser: Browser, database: Database) -> None:
    number = claimed_case(database)
    token = let_in(browser, database, "clerk")
    assert "交还机器人" in (await act(browser, token, number, "take-over"))[1]
    assert (await act(browser, token, number, "reply", text="请问在哪个区", kind="ask"))[0] == 303
    assert "已交还机器人" in (await act(browser, token, number, "hand-back"))[1]
    assert (await act(browser, token, number, "reply", text="到派出所办", kind="final"))[0] == 303
    with database.transaction() as session:
        case = the_case(session, number)
        assert case.state == CaseState.ANSWERED
        texts = [line.text for line in staff_messages(session, case.conversation_id)]
        assert texts[1] == "请问在哪个区"
        assert texts[-1] == "到派出所办"
        assert session.get_one(Conversation, case.conversation_id).held_case_id is None


@pytest.mark.parametrize("channel", ["portal", "sms", "wechat"])
async def test_claiming_who_waits_silences_the_bot_in_the_same_step(
    browser: Browser, database: Database, channel: str
) -> None:
    with database.transaction() as session:
        conversation = conversations.open_conversation(session, conversations.new_conversation_id(), channel, utcnow())
        waits = service.open_case(session, conversation.id, channel, Reason.ASKED_FOR_PERSON, [], utcnow(), "转人工")
        checked = open_case(session, "居住证在哪里办理")
        numbers = waits.number, checked.number
    token = let_in(browser, database, "clerk")
    queue = await get(browser, "/console/queue")
    assert f'aria-label="认领并接管 {numbers[0]}"' in queue
    assert f'aria-label="认领 {numbers[1]}"' in queue
    assert "认领并接管</button>" in await get(browser, f"/console/cases/{numbers[0]}")
    status, page = await act(browser, token, numbers[0], "claim-and-take-over")
    assert status == 303
    assert "已认领并接管" in page
    with database.transaction() as session:
        case = the_case(session, numbers[0])
        assert session.get_one(Conversation, case.conversation_id).held_case_id == case.id
    other = let_in(browser, database, "lisi")
    assert (await act(browser, other, numbers[0], "claim-and-take-over"))[0] == 409


async def test_whoever_is_asked_something_answers_the_clerk_and_not_the_bot(
    browser: Browser, database: Database
) -> None:
    number = claimed_case(database)
    token = let_in(browser, database, "clerk")
    await act(browser, token, number, "reply", text="请问在哪个区", kind="ask")
    with database.transaction() as session:
        case = the_case(session, number)
        assert session.get_one(Conversation, case.conversation_id).held_case_id == case.id
        texts = [line.text for line in staff_messages(session, case.conversation_id)]
    assert texts[-1] == "请问在哪个区"
    assert "已经加入" in texts[0]
    await act(browser, token, number, "hand-back")
    with database.transaction() as session:
        case = the_case(session, number)
        assert "智能助手" in staff_messages(session, case.conversation_id)[-1].text


async def test_what_was_typed_stays_when_it_is_refused(browser: Browser, database: Database) -> None:
    number = claimed_case(database, "lisi")
    token = let_in(browser, database, "clerk")
    status, page = await act(browser, token, number, "reply", text="别人的<件>", kind="final")
    assert status == 422
    assert "由李四负责" in page
    mine = claimed_case(database)
    status, page = await act(browser, token, mine, "snooze", until="2020-01-01T09:00", why="等<材料>")
    assert status == 422
    assert "晚于现在" in page
    assert 'value="2020-01-01T09:00"' in page
    assert "等&lt;材料&gt;" in page


@pytest.mark.parametrize(
    ("name", "fields", "refusal"),
    [
        ("reply", {"text": " ", "kind": "final"}, "请写明回复"),
        ("note", {"text": ""}, "请写明备注"),
        ("priority", {"priority": "huge"}, "请选轻重"),
        ("snooze", {"until": "tomorrow"}, "请填暂缓到什么时间"),
        ("hand-on", {"to": "nobody"}, "请选交给谁"),
        ("hand-on", {"to": "reviewer"}, "不能办件"),
        ("pass-on", {"department": ""}, "请选部门"),
        ("pass-on", {"department": "XX"}, "没有编码"),
        ("merge", {"other": "AJ-999999"}, "没有这个编号"),
        ("close", {"outcome": ""}, "请选怎样办结"),
        ("close", {"outcome": "answered"}, "还没有答复过"),
        ("send-draft", {"draft": "7", "text": "好"}, "没有这份拟稿"),
    ],
)
async def test_what_cannot_be_done_is_said_on_the_page(
    browser: Browser, database: Database, name: str, fields: dict[str, str], refusal: str
) -> None:
    number = claimed_case(database)
    status, page = await act(browser, let_in(browser, database, "clerk"), number, name, **fields)
    assert status == 422
    assert refusal in page


async def test_the_small_acts_are_done_and_seen(browser: Browser, database: Database) -> None:
    number = claimed_case(database)
    token = let_in(browser, database, "clerk")
    assert "可能是重复的" in (await act(browser, token, number, "note", text="可能是重复的"))[1]
    assert "外地人" in (await act(browser, token, number, "tags", tags="外地人，居住证 外地人"))[1]
    assert "紧急" in (await act(browser, token, number, "priority", priority="urgent"))[1]
    assert "取消暂缓" in (await act(browser, token, number, "snooze", until="2999-01-01T09:00"))[1]
    assert (await act(browser, token, number, "unsnooze"))[0] == 303
    with database.transaction() as session:
        other = open_case(session, "同一个人又问").number
    assert f"{other} 已并入本件" in (await act(browser, token, number, "merge", other=other))[1]
    assert "同一个人又问" in await get(browser, f"/console/cases/{number}")
    assert number in await get(browser, f"/console/cases/{other}")
    assert "已移交李四" in (await act(browser, token, number, "hand-on", to="lisi", why="我下班了"))[1]
    token = let_in(browser, database, "supervisor")
    assert "已指派张三" in (await act(browser, token, number, "assign", to="clerk"))[1]
    token = let_in(browser, database, "clerk")
    assert "已办结" in (await act(browser, token, number, "close", outcome="told_where"))[1]
    with database.transaction() as session:
        case = the_case(session, number)
        assert (case.state, case.tags) == (CaseState.CLOSED, ["外地人", "居住证"])


async def test_a_department_drafts_a_reviewer_approves_and_the_citizen_gets_it(
    browser: Browser, database: Database
) -> None:
    number = claimed_case(database)
    token = let_in(browser, database, "department")
    assert (await browser.get(f"/console/cases/{number}")).status == 404
    assert shown_numbers(await get(browser, "/console/queue")) == []
    token = let_in(browser, database, "clerk")
    assert (await act(browser, token, number, "pass-on", department="GA"))[0] == 303
    token = let_in(browser, database, "department")
    assert (await act(browser, token, number, "draft", text="三个工作日办好"))[0] == 303
    token = let_in(browser, database, "reviewer")
    page = await get(browser, f"/console/cases/{number}")
    draft = page.split('name="draft" value="')[1].split('"')[0]
    assert "请写明退回的理由" in (await act(browser, token, number, "return-draft", draft=draft, why=""))[1]
    assert "审核通过" in (await act(browser, token, number, "approve", draft=draft))[1]
    token = let_in(browser, database, "department")
    assert "发给群众" in await get(browser, f"/console/cases/{number}")
    assert (await act(browser, token, number, "send-draft", draft=draft, text="三个工作日内办好"))[0] == 303
    with database.transaction() as session:
        line = session.scalars(select(StaffMessage).order_by(StaffMessage.id.desc())).first()
        assert line is not None
        assert (line.by_name, line.text) == ("公安局工作人员", "三个工作日内办好")
        assert the_case(session, number).state == CaseState.ANSWERED


async def test_a_department_says_why_a_case_is_not_its_own(browser: Browser, database: Database) -> None:
    number = claimed_case(database)
    await act(browser, let_in(browser, database, "clerk"), number, "pass-on", department="GA")
    token = let_in(browser, database, "department")
    assert "请写明退回的理由" in (await act(browser, token, number, "take-back", why=""))[1]
    status, page = await act(browser, token, number, "take-back", why="归民政")
    assert status == 303
    assert "<h1>待办</h1>" in page  # the case is no longer theirs to see
    assert "已收回" in page
    with database.transaction() as session:
        assert the_case(session, number).state == CaseState.CLAIMED


async def test_the_page_offers_what_state_and_role_allow(browser: Browser, database: Database) -> None:
    number = claimed_case(database)

    async def offers(login: str) -> set[str]:
        let_in(browser, database, login)
        page = await get(browser, f"/console/cases/{number}")
        return {name for name in [*ACTS, "unmask", "publish"] if f"/console/cases/{number}/{name}" in page}

    owners = {"take-over", "reply", "note", "tags", "priority", "snooze", "hand-on", "pass-on", "draft"}
    assert await offers("clerk") == owners | {"assist", "merge", "close", "unmask"}
    assert await offers("lisi") == {"note", "tags", "priority", "unmask"}
    assert await offers("reviewer") == {"note"}
    assert await offers("supervisor") == {"note", "tags", "priority", "assign", "unmask"}


async def test_the_words_as_they_were_said_are_shown_once_for_a_reason_that_is_kept(
    browser: Browser, database: Database
) -> None:
    number = claimed_case(database)
    token = let_in(browser, database, "clerk")
    status, page = await act(browser, token, number, "unmask", why=" ")
    assert status == 422
    assert "13812345678" not in page
    response = await browser.post(f"/console/cases/{number}/unmask", data={"form_token": token, "why": "要给他回电话"})
    assert response.headers["Cache-Control"] == "no-store"
    assert "13812345678" in await response.text()
    assert "13812345678" not in await get(browser, f"/console/cases/{number}")
    with database.transaction() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "unmask")).one()
        assert (entry.who, entry.subject, entry.why) == ("clerk", number, "要给他回电话")


async def test_where_the_answer_is_to_be_sent_is_masked_until_somebody_says_why(
    browser: Browser, database: Database, settings: Settings
) -> None:
    number = claimed_case(database)
    with database.transaction() as session:
        service.get_case(session, number).contact_sealed = Sealer.of(settings).seal("13911122233")
    token = let_in(browser, database, "clerk")
    page = await get(browser, f"/console/cases/{number}")
    assert "139****2233" in page
    assert "13911122233" not in page
    response = await browser.post(f"/console/cases/{number}/unmask", data={"form_token": token, "why": "发答复"})
    assert "13911122233" in await response.text()


async def test_canned_replies_are_those_for_all_and_of_the_department(browser: Browser, database: Database) -> None:
    number = claimed_case(database)
    with database.transaction() as session:
        session.add_all(
            [
                CannedReply(title="问候", text="您好", department_code=None),
                CannedReply(title="户籍", text="到派出所", department_code="GA"),
            ]
        )
    let_in(browser, database, "clerk")
    page = await get(browser, f"/console/cases/{number}")
    assert 'data-text="您好">问候</option>' in page
    assert "户籍" not in page


async def test_an_open_page_is_told_what_changed(browser: Browser, database: Database) -> None:
    number = claimed_case(database)
    with database.transaction() as session:
        conversation = the_case(session, number).conversation_id
    let_in(browser, database, "clerk")
    accept = {"Accept": "text/event-stream"}
    assert browser.app is not None
    async with browser.get("/console/live", params={"case": number}, headers=accept) as stream:
        assert stream.content_type == "text/event-stream"
        assert await stream.content.readline() == b": hello\n"
        for topic, changed in (("case", conversation), ("queue", QUEUE)):
            await browser.app[LIVE].changed(changed)
            line = b""
            while not line.startswith(b"data: "):
                line = await stream.content.readline()
            assert json.loads(line.removeprefix(b"data: ")) == {"topic": topic}


async def test_an_open_page_is_told_no_more_once_the_sign_in_has_ended(
    browser: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_streams, "HEARTBEAT_SECONDS", 0.01)
    let_in(browser, database, "clerk")
    async with browser.get("/console/live", headers={"Accept": "text/event-stream"}) as stream:
        await stream.content.readline()
        with database.transaction() as session:
            sign_ins.end_all(session, person(session, "clerk"))
        await stream.content.read()  # it ends


async def test_only_who_may_see_a_case_is_told_of_it(browser: Browser, database: Database) -> None:
    number = claimed_case(database)
    let_in(browser, database, "department")
    response = await browser.get("/console/live", params={"case": number}, headers={"Accept": "text/event-stream"})
    assert response.status == 404


async def test_a_page_that_keeps_itself_fresh_does_not_keep_its_person_signed_in(
    browser: Browser, database: Database
) -> None:
    let_in(browser, database, "clerk", ago=timedelta(minutes=20))

    def seen_at() -> datetime:
        with database.transaction() as session:
            return session.scalars(select(SignIn)).one().seen_at

    before = seen_at()
    await get(browser, "/console/queue?part=all")
    assert seen_at() == before
    await get(browser, "/console/queue")
    assert seen_at() > before


async def test_an_answer_becomes_a_document_that_search_finds_at_once(browser: Browser, database: Database) -> None:
    number = claimed_case(database)
    with database.transaction() as session:
        case, clerk = the_case(session, number), person(session, "clerk")
        handling.reply(session, case, clerk, utcnow(), "居住证到派出所办，电话13812345678。", is_final=True)
    token = let_in(browser, database, "reviewer")
    form = await get(browser, f"/console/cases/{number}/publish")
    assert "13812345678" not in form
    assert "居住证到派出所办" in form
    fields = {
        "title": "居住证问答",
        "question": "居住证在哪里办理",
        "answer": "居住证到居住地派出所办理，十五日内发证。",
        "issuer": "公安局",
        "published_on": "2026-03-02",
    }
    refused = {**fields, "answer": "身份证11010519491231002X的那位，到派出所。"}
    status, page = await act(browser, token, number, "publish", **refused)
    assert status == 422
    assert "身份证号" in page
    status, page = await act(browser, token, number, "publish", **fields)
    assert status == 303
    assert "《居住证问答》已公开" in page
    with database.transaction() as session:
        (found, *_) = search(session, "居住证在哪里办理")
        assert (found.document.title, found.document.issuer) == ("居住证问答", "公安局")
        assert "十五日内发证" in found.passage.text
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "publish_answer")).one()
        assert (entry.who, entry.subject) == ("reviewer", number)


async def test_what_was_not_answered_is_not_published(browser: Browser, database: Database) -> None:
    number = claimed_case(database)
    let_in(browser, database, "reviewer")
    assert (await browser.get(f"/console/cases/{number}/publish")).status == 404


async def test_canned_replies_are_edited_by_who_answers_for_the_wording(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, "reviewer")

    async def save(**fields: str) -> tuple[int, str]:
        response = await browser.post("/console/canned", data={"form_token": token, **fields})
        return response.history[0].status if response.history else response.status, await response.text()

    assert (await save(title="问候", text="您好"))[0] == 303
    status, page = await save(title="问候", text="<您好>")
    assert status == 422
    assert "已经有一条叫“问候”的常用语" in page
    assert "&lt;您好&gt;" in page
    with database.transaction() as session:
        (reply,) = session.scalars(select(CannedReply))
    assert (await save(id=str(reply.id), title="问候", text="您好，请稍等", department="GA"))[0] == 303
    assert (await save(id="x", title="别的", text="…"))[0] == 422
    assert (await save(title="别的", text="…", department="XX"))[0] == 422
    with database.transaction() as session:
        (reply,) = session.scalars(select(CannedReply))
        assert (reply.text, reply.department_code) == ("您好，请稍等", "GA")
    let_in(browser, database, "clerk")
    assert "修改" not in await get(browser, "/console/canned")
    token = let_in(browser, database, "reviewer")
    response = await browser.post("/console/canned/remove", data={"form_token": token, "id": str(reply.id)})
    assert "“问候”已删除" in await response.text()
    with database.transaction() as session:
        actions = [entry.action for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
        assert actions[-3:] == ["save_canned_reply", "save_canned_reply", "remove_canned_reply"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 分钟"),
        (3599, "59 分钟"),
        (3600, "1 小时"),
        (7500, "2 小时 5 分"),
        (86399, "23 小时 59 分"),
        (90000, "1 天"),
    ],
)
def test_a_span_of_time_is_as_exact_as_a_clerk_needs(seconds: int, words: str) -> None:
    assert duration(timedelta(seconds=seconds)) == words
