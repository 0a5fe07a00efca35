"""Turning off and on, and who is told what."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from bot.cli import cli
from bot.db import Database
from bot.documents.models import Document
from bot.places import ROOT
from bot.staff import audit
from bot.switches.models import Switch
from bot.switches.scopes import NEVER_OFF, TOPIC_TITLES, Scope
from bot.switches.service import SwitchRefused, active, history, turn_off, turn_on

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


def off(
    session: Session, scope: Scope = Scope.BOT, key: str = "", reason: str = "演练", notice: str = "正在维护"
) -> Switch:
    return turn_off(session, scope, key, who="li", reason=reason, notice=notice, now=NOON)


def add_document(session: Session, title: str, number: str | None) -> None:
    document = Document(key=f"{title}.md", title=title, number=number, in_force=True, states_force=True)
    document.current_version = 1
    session.add(document)
    session.flush()


def test_what_is_off_is_listed_until_it_is_on_again_and_then_in_the_history(database: Database) -> None:
    with database.transaction() as session:
        off(session)
    with database.transaction() as session:
        assert [(one.scope, one.off_by, one.notice) for one in active(session)] == [("bot", "li", "正在维护")]
        turn_on(session, Scope.BOT, "", who="wang", now=NOON + timedelta(hours=1), why="好了")
    with database.transaction() as session:
        assert active(session) == []
        (ended,) = history(session)
        assert (ended.off_since, ended.ended_at, ended.ended_by) == (NOON, NOON + timedelta(hours=1), "wang")


def test_both_are_in_the_audit_log_with_their_reasons(database: Database) -> None:
    with database.transaction() as session:
        off(session, Scope.CHANNEL, "portal", reason="被刷")
        turn_on(session, Scope.CHANNEL, "portal", who="wang", now=NOON, why="不刷了")
        entries = reversed(audit.search(session).rows)
        assert [(one.who, one.action, one.why) for one in entries] == [
            ("li", "switch_off", "被刷"),
            ("wang", "switch_on", "不刷了"),
        ]


def test_the_same_can_be_off_once_and_off_again_later(database: Database) -> None:
    with database.transaction() as session:
        off(session)
        with pytest.raises(SwitchRefused, match="已经停用"):
            off(session)
        turn_on(session, Scope.BOT, "", who="li", now=NOON)
        with pytest.raises(SwitchRefused, match="没有停用"):
            turn_on(session, Scope.BOT, "", who="li", now=NOON)
        off(session)
        assert len(active(session)) == len(history(session)) == 1


def test_of_two_people_at_once_one_turns_it_off(database: Database) -> None:
    at_once = threading.Barrier(2)
    told: list[str] = []

    def turn_it_off() -> None:
        at_once.wait()
        try:
            with database.transaction() as session:
                off(session)
            told.append("")
        except SwitchRefused as refused:
            told.append(str(refused))

    threads = [threading.Thread(target=turn_it_off) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["", "整个机器人已经停用"]


@pytest.mark.parametrize(
    ("scope", "key", "said"),
    [
        (Scope.BOT, "portal", "不用写名称"),
        (Scope.CHANNEL, "fax", "没有渠道“fax”"),
        (Scope.TOPIC, "ask_weather", "没有话题“ask_weather”"),
        (Scope.TOPIC, "handoff", "不能停用"),
        (Scope.TOPIC, "ask_route", "不能停用"),
        (Scope.ITEM, "XX-999", "没有编码为“XX-999”的事项"),
        (Scope.DOCUMENT, "不存在", "没有文号或标题为“不存在”的文件"),
        (Scope.DOCUMENT, "", "没有文号或标题"),
    ],
)
def test_what_does_not_exist_or_must_stay_cannot_be_turned_off(
    database: Database, scope: Scope, key: str, said: str
) -> None:
    with database.transaction() as session, pytest.raises(SwitchRefused, match=said):
        off(session, scope, key)


@pytest.mark.parametrize(
    ("reason", "notice", "said"), [(" ", "维护", "理由"), ("演练", "", "告示"), ("演练", "长" * 301, "最多")]
)
def test_reason_and_notice_are_needed(database: Database, reason: str, notice: str, said: str) -> None:
    with database.transaction() as session, pytest.raises(SwitchRefused, match=said):
        off(session, reason=reason, notice=notice)


def test_a_document_goes_by_its_number_or_its_title(database: Database) -> None:
    with database.transaction() as session:
        add_document(session, "居住证办法", "云政发〔2024〕1号")
        off(session, Scope.DOCUMENT, "云政发〔2024〕1号")
        off(session, Scope.DOCUMENT, "居住证办法")
        assert len(active(session)) == 2


def test_the_widest_comes_first(database: Database) -> None:
    with database.transaction() as session:
        off(session, Scope.TOPIC, "ask_fee")
        off(session)
        assert [one.scope for one in active(session)] == ["bot", "topic"]


def test_every_intent_can_be_turned_off_or_is_meant_to_stay() -> None:
    listed = (ROOT / "domain.yml").read_text().partition("intents:")[2].partition("entities:")[0]
    intents = {line.strip("- ") for line in listed.splitlines() if line.strip().startswith("- ")}
    assert intents == set(TOPIC_TITLES) | NEVER_OFF


def test_the_terminal_turns_off_lists_and_turns_on(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)

    def run(*words: str) -> str:
        return CliRunner().invoke(cli, ["switch", *words]).output

    told = run("off", "channel", "portal", "--clerk", "李主管", "--why", "被刷", "--notice", "网页暂停")
    assert "渠道“门户网页”已停用" in told
    assert "已经停用" in run("off", "channel", "portal", "--clerk", "李主管", "--why", "被刷", "--notice", "网页暂停")
    assert "李主管：被刷  告示：网页暂停\n共 1 处停用。" in run("list")
    assert "已恢复" in run("on", "channel", "portal", "--clerk", "李主管")
    assert run("list") == "共 0 处停用。\n"
    assert "（李主管）" in run("list", "--all")
    assert "没有停用" in run("on", "bot", "--clerk", "李主管")
