"""`/voices`: writing a letter, following it with number and code, publishing it by consent of both sides."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.conversations.models import StaffMessage
from bot.db import Database, utcnow
from bot.privacy import deletion
from bot.reviews.models import Case
from bot.reviews.reasons import Kind
from bot.settings import Settings
from bot.staff.models import AuditEntry
from bot.voices.models import PublicLetter, Voice
from tests.web.console import Browser, fill, let_in, open_browser, settings_in
from tests.web.test_console_cases import act

LETTER = {
    "kind": "complaint",
    "title": "小区门口路灯不亮",
    "words": "幸福路小区东门的路灯坏了两个月，我叫王小明，手机13812345678，请尽快修。",
    "department": "GA",
    "public": "yes",
}
ANSWER = "路灯已于11月28日修好，再有问题请打0990-1。"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return settings_in(tmp_path, DATABASE_URL=database_url, IDENTITY_KEY=os.environ["IDENTITY_KEY"])


@pytest.fixture
async def browser(settings: Settings, database: Database) -> AsyncIterator[Browser]:
    fill(database)
    async with open_browser(settings) as opened:
        yield opened


async def get(browser: Browser, path: str, status: int = 200) -> str:
    response = await browser.get(path)
    text = await response.text()
    assert response.status == status, text
    return text


async def post(browser: Browser, path: str, status: int = 200, **form: str) -> str:
    response = await browser.post(path, data=form)
    text = await response.text()
    assert response.status == status, text
    return text


def told(page: str) -> tuple[str, str]:
    """Number and query code, as the page after filing shows them."""
    number = re.search(r"<dd>(AJ-\d{6})</dd>", page)
    code = re.search(r"<dd>([A-Z2-9]{4}-[A-Z2-9]{4})</dd>", page)
    assert number, page
    assert code, page
    return number[1], code[1]


async def filed(browser: Browser, **changes: str) -> tuple[str, str]:
    return told(await post(browser, "/voices/write", **{**LETTER, **changes}))


async def ticket_of(browser: Browser, number: str, code: str) -> str:
    page = await post(browser, "/voices/mine", number=number, query_code=code)
    found = re.search(r'name="ticket" value="([^"]+)"', page)
    assert found, page
    return found[1]


async def answered(browser: Browser, database: Database, number: str) -> None:
    token = let_in(browser, database, "clerk")
    for name, fields in (("claim", {}), ("reply", {"text": ANSWER, "kind": "final"})):
        status, page = await act(browser, token, number, name, **fields)
        assert status == 303, page


async def published(browser: Browser, database: Database, **changes: str) -> tuple[str, str]:
    """Files a letter, answers it and publishes it with the consent of its writer and of a reviewer."""
    number, code = await filed(browser, **changes)
    await answered(browser, database, number)
    words = {"title": changes.get("title", LETTER["title"]), "question": "路灯坏了。", "answer": ANSWER, **changes}
    status, page = await act(browser, let_in(browser, database, "clerk"), number, "propose-public", **words)
    assert status == 303, page
    ticket = await ticket_of(browser, number, code)
    await post(browser, "/voices/mine/agree", ticket=ticket, sure="1")
    status, page = await act(browser, let_in(browser, database, "reviewer"), number, "approve-public")
    assert "已公开" in page
    return number, code


async def test_a_letter_becomes_a_case_with_number_code_clock_and_masked_words(
    browser: Browser, database: Database
) -> None:
    page = await post(browser, "/voices/write", **LETTER, contact="13900138000")
    number, code = told(page)
    assert re.search(r"承诺 \d{4}年\d+月\d+日前答复您", page)
    with database.transaction() as session:
        case = session.scalars(select(Case)).one()
        assert (case.number, case.kind, case.department_code) == (number, Kind.COMPLAINT, "GA")
        assert "13812345678" not in case.question
        assert code.replace("-", "") not in session.scalars(select(Voice)).one().query_code_hash
    let_in(browser, database, "clerk")
    console = await get(browser, f"/console/cases/{number}")
    for part in ("投诉", "网上来信", "来信人愿意", "[手机号]", "139****8000"):
        assert part in console


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "question"}, "请选来信的种类"),
        ({"title": " "}, "请写标题"),
        ({"words": "。。。。。。。"}, "请写明内容"),
        ({"words": "字" * 2001}, "请写明内容"),
        ({"department": "XX"}, "没有这个部门"),
        ({"contact": "打我电话"}, "请写手机号或者邮箱"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_stays(
    browser: Browser, changes: dict[str, str], said: str
) -> None:
    page = await post(browser, "/voices/write", 422, **{**LETTER, **changes})
    assert said in page
    assert (changes.get("title") or LETTER["title"]) in page


async def test_a_form_sent_twice_is_one_letter(browser: Browser, database: Database) -> None:
    form_id = "a" * 24
    first = await filed(browser, form_id=form_id)
    page = await post(browser, "/voices/write", **LETTER, form_id=form_id)
    assert "没有重复登记" in page
    number, code = told(page)
    assert number == first[0]
    await ticket_of(browser, number, code)
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 1


async def test_a_form_sent_many_times_at_once_is_one_letter(browser: Browser, database: Database) -> None:
    form = {**LETTER, "form_id": "b" * 24, "sure": "1"}
    pages = await asyncio.gather(*(post(browser, "/voices/write", **form) for _ in range(5)))
    assert len({told(page)[0] for page in pages}) == 1
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Voice)) == 1


async def test_the_writer_follows_the_letter_rates_the_answer_and_adds_words(
    browser: Browser, database: Database
) -> None:
    number, code = await filed(browser)
    ticket = await ticket_of(browser, number, code)
    assert "您补充了内容" in await post(browser, "/voices/mine/add", ticket=ticket, words="西门的也不亮")
    await answered(browser, database, number)
    page = await post(browser, "/voices/mine", number=number, query_code=code)
    assert ANSWER in page
    assert "已答复" in page
    with database.transaction() as session:
        assert session.scalars(select(StaffMessage)).one().delivered_at is not None
    assert "谢谢，评价记下了：满意" in await post(browser, "/voices/mine/rate", ticket=ticket, stars="4", why="快")
    assert "已经评价过" in await post(browser, "/voices/mine/rate", 422, ticket=ticket, stars="5")
    number, code = await filed(browser, title="另一件", words="西门的路灯也不亮了，请修。")
    ticket = await ticket_of(browser, number, code)
    assert "请先勾选" in await post(browser, "/voices/mine/withdraw", 422, ticket=ticket)
    assert "您撤回了来信" in await post(browser, "/voices/mine/withdraw", ticket=ticket, sure="1")
    assert "还没有答复，不能评价" in await post(browser, "/voices/mine/rate", 422, ticket=ticket, stars="5")


async def test_of_letters_that_are_handled_together_each_writer_sees_only_what_was_said_to_both(
    browser: Browser, database: Database
) -> None:
    number, code = await filed(browser)
    other, other_code = await filed(browser, title="也是路灯", words="西门的路灯也不亮，请一起修。")
    ticket = await ticket_of(browser, number, code)
    await post(browser, "/voices/mine/add", ticket=ticket, words="我住三号楼")
    token = let_in(browser, database, "clerk")
    for name, one, fields in (
        ("claim", number, {}),
        ("claim", other, {}),
        ("merge", number, {"other": other}),
        ("reply", number, {"text": ANSWER, "kind": "final"}),
    ):
        assert (await act(browser, token, one, name, **fields))[0] == 303
    page = await post(browser, "/voices/mine", number=other, query_code=other_code)
    assert "已并入您的另一件一起办理" in page
    assert ANSWER in page
    assert "我住三号楼" not in page
    ticket = await ticket_of(browser, other, other_code)
    assert "不能单独撤回" in await post(browser, "/voices/mine/withdraw", 422, ticket=ticket, sure="1")


async def test_a_letter_is_published_only_if_writer_and_city_agree(browser: Browser, database: Database) -> None:
    number, code = await filed(browser)
    await answered(browser, database, number)
    ticket = await ticket_of(browser, number, code)
    assert "还没有拟好" in await post(browser, "/voices/mine/agree", 422, ticket=ticket, sure="1")
    words = {"title": "路灯不亮", "question": "路灯坏了，手机13812345678", "answer": ANSWER}
    clerk = let_in(browser, database, "clerk")
    assert "来信人和审核的同事都同意后公开" in (await act(browser, clerk, number, "propose-public", **words))[1]
    assert (await act(browser, clerk, number, "approve-public"))[0] == 403
    reviewer = let_in(browser, database, "reviewer")
    assert "等来信人同意后公开" in (await act(browser, reviewer, number, "approve-public"))[1]
    assert "还没有公开的来信" in await get(browser, "/voices")
    own = await post(browser, "/voices/mine", number=number, query_code=code)
    assert "路灯坏了，手机[手机号]" in own
    assert "已经公开" in await post(browser, "/voices/mine/agree", ticket=ticket, sure="1")
    page = await get(browser, "/voices/1")
    for part in ("路灯不亮", "[手机号]", ANSWER, "公安局", '"QAPage"', 'rel="canonical"'):
        assert part in page
    assert number not in page
    assert "13812345678" not in page
    with database.transaction() as session:
        assert "publish_letter" in session.scalars(select(AuditEntry.action)).all()
    # A new wording needs both consents again.
    clerk = let_in(browser, database, "clerk")
    await act(browser, clerk, number, "propose-public", **words)
    await get(browser, "/voices/1", 404)


async def test_the_author_of_the_wording_does_not_approve_it(browser: Browser, database: Database) -> None:
    number, _ = await filed(browser)
    token = let_in(browser, database, "supervisor")
    await act(browser, token, number, "claim")
    await act(browser, token, number, "reply", text=ANSWER, kind="final")
    words = {"title": "路灯不亮", "question": "路灯坏了", "answer": ANSWER}
    assert (await act(browser, token, number, "propose-public", **words))[0] == 303
    assert "要由别人审核" in (await act(browser, token, number, "approve-public"))[1]


async def test_nothing_is_published_without_the_wish_of_the_writer(browser: Browser, database: Database) -> None:
    number, code = await filed(browser, public="")
    await answered(browser, database, number)
    words = {"title": "路灯", "question": "路灯坏了", "answer": ANSWER}
    status, page = await act(browser, let_in(browser, database, "clerk"), number, "propose-public", **words)
    assert (status, "来信人没有同意公开" in page) == (422, True)
    ticket = await ticket_of(browser, number, code)
    assert "您愿意公开" in await post(browser, "/voices/mine/wish", ticket=ticket, public="yes")


@pytest.mark.parametrize("by", ["writer", "city", "deletion"])
async def test_a_published_letter_is_taken_down_at_once(browser: Browser, database: Database, by: str) -> None:
    number, code = await published(browser, database)
    await post(browser, "/voices/1/concern")
    if by == "city":
        token = let_in(browser, database, "reviewer")
        assert (await act(browser, token, number, "withdraw-public", why="地址没有去掉"))[0] == 303
    else:
        ticket = await ticket_of(browser, number, code)
        form = {"public": "no"} if by == "writer" else {"sure": "1"}
        await post(browser, f"/voices/mine/{'wish' if by == 'writer' else 'forget'}", ticket=ticket, **form)
    await get(browser, "/voices/1", 404)
    assert LETTER["title"] not in await get(browser, "/voices?q=路灯")
    assert LETTER["title"] not in await get(browser, "/voices.atom")
    assert "/voices/1<" not in await get(browser, "/sitemap.xml")


async def test_a_deleted_letter_leaves_no_words(browser: Browser, database: Database, settings: Settings) -> None:
    number, code = await published(browser, database)
    token = let_in(browser, database, "clerk")
    await act(browser, token, number, "close", outcome="answered")
    ticket = await ticket_of(browser, number, code)
    assert "回执号 SC-" in await post(browser, "/voices/mine/forget", ticket=ticket, sure="1")
    deletion.do_what_waits(database, settings, utcnow() + deletion.SETTLES_WITHIN)
    with database.transaction() as session:
        assert session.scalars(select(Voice)).all() == []
        assert session.scalars(select(PublicLetter)).all() == []
        assert "路灯" not in session.scalars(select(Case)).one().question
    await post(browser, "/voices/mine", 403, number=number, query_code=code)


async def test_letters_are_searched_filtered_and_followed_as_a_feed(browser: Browser, database: Database) -> None:
    await published(browser, database)
    await published(
        browser,
        database,
        kind="inquiry",
        title="公租房怎么申请",
        words="请问公租房怎么申请，要什么条件？",
        department="",
    )
    page = await get(browser, "/voices")
    assert "共 2 封" in page
    assert "公租房怎么申请" not in await get(browser, "/voices?q=路灯不亮")
    assert "共 1 封" in await get(browser, "/voices?kind=inquiry")
    assert "共 1 封" in await get(browser, "/voices?department=公安局")
    assert "没有符合的来信" in await get(browser, "/voices?year=1999")
    await get(browser, "/voices?q=%00&page=99999999999")
    assert "公租房怎么申请" in await get(browser, "/voices.atom")
    assert 'href="/voices"' in await get(browser, "/")


async def test_letters_alike_are_shown_before_one_is_sent(browser: Browser, database: Database) -> None:
    await published(browser, database)
    again = {**LETTER, "words": "幸福路小区门口路灯不亮，晚上很黑，请修一下路灯。"}
    page = await post(browser, "/voices/write", **again)
    assert "信还没有寄出" in page
    assert 'href="/voices/1"' in page
    assert again["words"] in page
    told(await post(browser, "/voices/write", **again, sure="1"))


async def test_sharing_a_concern_counts_once(browser: Browser, database: Database) -> None:
    await published(browser, database)
    assert "记下了，谢谢" in await post(browser, "/voices/1/concern")
    page = await post(browser, "/voices/1/concern")
    assert "一个网络只算一次" in page
    assert "有 1 人也关心" in page
    assert "1 人也关心" in await get(browser, "/voices")
    await post(browser, "/voices/2/concern", 404)


async def test_what_is_held_back_is_told_and_decided_by_a_person(browser: Browser, database: Database) -> None:
    page = await post(browser, "/voices/write", **{**LETTER, "words": "你们这帮傻 逼，路灯两个月不修。"})
    number, code = told(page)
    assert "先由工作人员审核" in page
    assert "需要核实的用语" in page
    token = let_in(browser, database, "clerk")
    console = await get(browser, f"/console/cases/{number}")
    assert "暂存待审" in console
    assert number in await get(browser, "/console/queue")
    assert (await act(browser, token, number, "claim"))[0] == 422
    assert (await act(browser, token, number, "refuse", why="骂人"))[0] == 403
    assert (await act(browser, token, number, "release"))[0] == 303
    assert (await act(browser, token, number, "claim"))[0] == 303
    # The same words once more.
    number, code = await filed(browser, title="又来", words="你们这帮傻逼，路灯两个月不修。")
    token = let_in(browser, database, "supervisor")
    assert (await act(browser, token, number, "refuse", why="和上一封相同，一起办理"))[0] == 303
    own = await post(browser, "/voices/mine", number=number, query_code=code)
    for part in ("内容相同", "审核后没有受理", "和上一封相同，一起办理"):
        assert part in own


async def test_many_letters_of_one_network_are_held_back_and_then_refused_with_a_word(browser: Browser) -> None:
    pages = [
        await post(
            browser, "/voices/write", 200 if number < 30 else 429, **{**LETTER, "words": f"第{number}个路灯不亮了"}
        )
        for number in range(31)
    ]
    assert "短时间内来信较多" not in pages[4]
    assert "短时间内来信较多" in pages[5]
    assert "这封信还没有收下" in pages[30]
    assert "第30个路灯不亮了" in pages[30]


async def test_a_stranger_learns_nothing_by_guessing(browser: Browser) -> None:
    number, code = await filed(browser)
    known = await post(browser, "/voices/mine", 403, number=number, query_code="ABCD-2345")
    unknown = await post(browser, "/voices/mine", 403, number="AJ-000999", query_code="ABCD-2345")
    assert known.replace(number, "") == unknown.replace("AJ-000999", "").replace("试 3 次", "试 4 次")
    for _ in range(4):
        await post(browser, "/voices/mine", 403, number=number, query_code="ABCD-2345")
    assert "试得太多了" in await post(browser, "/voices/mine", 403, number=number, query_code=code)


async def test_other_sites_cannot_send_the_forms(browser: Browser, database: Database) -> None:
    for path in ("/voices/write", "/voices/mine", "/voices/mine/add", "/voices/1/concern"):
        response = await browser.post(path, data=LETTER, headers={"Origin": "https://evil.example"})
        assert response.status == 403
    with database.transaction() as session:
        assert session.scalars(select(Case)).all() == []


async def test_markup_is_shown_as_text(browser: Browser, database: Database) -> None:
    bad = "<script>alert(1)</script>\"'><img src=x>"
    await published(browser, database, title=bad, words=f"{bad} 路灯不亮了")
    for path in ("/voices", "/voices/1", "/voices.atom", "/voices?q=script"):
        page = await get(browser, path)
        assert "<script>alert" not in page
        assert "<img src=x" not in page


async def test_a_ticket_is_worth_nothing_when_forged_or_of_another_thing(browser: Browser) -> None:
    await post(browser, "/voices/mine/add", 403, ticket="gAAAA", words="x")
    await post(browser, "/voices/mine/nothing", 404, ticket="gAAAA")
