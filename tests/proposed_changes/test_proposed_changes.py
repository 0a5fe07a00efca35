"""Two pairs of eyes: proposing, approving, going live at a time, undoing, for each kind of change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.models import Item
from bot.db import Database
from bot.documents.editing import as_read, upload_of
from bot.documents.models import Document
from bot.holidays import imported
from bot.laws.models import Law
from bot.places import SAMPLES
from bot.proposed_changes import service
from bot.proposed_changes.difference import ChangeRefused
from bot.proposed_changes.documents import repealed, stored
from bot.proposed_changes.kinds import LISTED
from bot.proposed_changes.models import ProposedChange
from bot.proposed_changes.routes import edited
from bot.proposed_changes.service import Target
from bot.proposed_changes.terms import Changeable, ChangeState
from bot.referrals.importer import cells_of, import_routes, route_rows
from bot.settings import CHANGE_KINDS, Settings
from bot.staff import accounts
from bot.staff.models import AuditEntry, Person
from bot.staff.roles import Role
from tests.databases import set_up, with_sample_catalogue
from tests.web.console import add_people, settings_in

NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
CODE = "GA-001"
ITEM = Target(Changeable.ITEM, CODE, "居住证")
PAPER = """---
title: 云河市停车管理办法
number: 云政发〔2026〕9号
---
第一条 为了停车有序，制定本办法。

第二条 每小时 2 元。
"""
ROLES = (Role.REVIEWER, Role.SUPERVISOR)


def _with_people(database: Database) -> None:
    with_sample_catalogue(database)
    with database.transaction() as session:
        add_people(session, ROLES, department="GA")


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    opened = Database(settings.database_url)
    set_up(opened, _with_people)
    yield opened
    opened.close()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as opened:
        yield opened


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


def person(session: Session, role: Role = Role.SUPERVISOR) -> Person:
    return accounts.get_person(session, role.value)


def propose_fee(session: Session, settings: Settings, fee: str = "21 元", **given: Any) -> ProposedChange:
    terms = {"why": "收费标准调整", "who": "reviewer", "now": NOW, **given}
    return service.propose(session, settings, ITEM, {"fee": fee}, **terms)


def fee_of(session: Session) -> str:
    return session.get_one(Item, CODE).fee


def live(session: Session, settings: Settings, target: Target, wanted: dict[str, Any]) -> ProposedChange:
    """Proposed by the reviewer and approved by the supervisor."""
    change = service.propose(session, settings, target, wanted, why="要改", who="reviewer", now=NOW)
    service.approve(session, settings, change.id, person(session), NOW)
    assert change.state == ChangeState.LIVE, change.note
    return change


def undo(session: Session, settings: Settings, change: ProposedChange, now: datetime = NOW) -> ProposedChange:
    return service.undo(session, settings, change.id, person(session), why="改错了", at_once=True, now=now)


def logged(session: Session) -> list[tuple[str, str]]:
    return [(entry.who, entry.action) for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id))][
        len(ROLES) :
    ]


def test_the_settings_know_the_kinds() -> None:
    assert set(CHANGE_KINDS) == set(Changeable)


def test_a_change_is_live_when_another_person_has_approved_it(session: Session, settings: Settings) -> None:
    before = fee_of(session)
    change = propose_fee(session, settings)
    assert (fee_of(session), change.summary) == (before, f"收费标准：{before} → 21 元")
    with pytest.raises(ChangeRefused, match="请别人核准"):
        service.approve(session, settings, change.id, person(session, Role.REVIEWER), NOW)
    assert service.waiting_for(session, settings, person(session, Role.REVIEWER)).to_approve == 0
    assert service.waiting_for(session, settings, person(session)).to_approve == 1
    service.approve(session, settings, change.id, person(session), NOW)
    assert (fee_of(session), change.state, change.live_at) == ("21 元", ChangeState.LIVE, NOW)
    with pytest.raises(ChangeRefused, match="已经有人处理过"):
        service.refuse(session, change.id, why="慢了", who="supervisor", now=NOW)
    assert logged(session) == [
        ("reviewer", "propose_change"),
        ("supervisor", "approve_change"),
        ("reviewer", "edit_item"),
    ]


@pytest.mark.parametrize("environ", [{"SECOND_PAIR_OF_EYES": "documents"}, {"SECOND_PAIR_EXCUSED_ROLES": "reviewer"}])
def test_a_city_excuses_kinds_or_roles(session: Session, tmp_path: Path, environ: dict[str, str]) -> None:
    settings = settings_in(tmp_path, **environ)
    change = propose_fee(session, settings)
    assert service.waiting_for(session, settings, person(session, Role.REVIEWER)).to_approve == 1
    service.approve(session, settings, change.id, person(session, Role.REVIEWER), NOW)
    assert fee_of(session) == "21 元"


def test_an_approved_change_waits_for_its_time(database: Database, settings: Settings) -> None:
    later = NOW + timedelta(days=31)
    with database.transaction() as session:
        before = fee_of(session)
        change = propose_fee(session, settings, live_from=later)
        service.approve(session, settings, change.id, person(session), NOW)
        assert (change.state, fee_of(session)) == (ChangeState.APPROVED, before)
    assert service.make_due_live(database, settings, later - timedelta(seconds=1)) == 0
    assert [service.make_due_live(database, settings, later) for _ in range(2)] == [1, 0]
    with database.transaction() as session:
        assert fee_of(session) == "21 元"


def test_what_was_changed_meanwhile_comes_back_to_who_proposed_it(session: Session, settings: Settings) -> None:
    first, second = propose_fee(session, settings), propose_fee(session, settings, "30 元", who="supervisor")
    service.approve(session, settings, second.id, person(session, Role.REVIEWER), NOW)
    service.approve(session, settings, first.id, person(session), NOW)
    assert (first.state, first.note, fee_of(session)) == (ChangeState.RETURNED, service.CHANGED_MEANWHILE, "30 元")
    assert service.waiting_for(session, settings, person(session, Role.REVIEWER)).back == 1
    with pytest.raises(ChangeRefused, match="只有提出的人"):
        service.withdraw(session, first.id, who="supervisor", now=NOW)
    service.withdraw(session, first.id, who="reviewer", now=NOW)
    assert service.waiting_for(session, settings, person(session, Role.REVIEWER)).back == 0
    assert [one.id for one in service.history(session, Changeable.ITEM, CODE)] == [second.id, first.id]


def test_an_approved_change_can_still_be_sent_back(session: Session, settings: Settings) -> None:
    change = propose_fee(session, settings, live_from=NOW + timedelta(days=1))
    service.approve(session, settings, change.id, person(session), NOW)
    with pytest.raises(ChangeRefused, match="为什么退回"):
        service.refuse(session, change.id, why=" ", who="supervisor", now=NOW)
    service.refuse(session, change.id, why="金额不对", who="supervisor", now=NOW)
    assert (change.state, change.note) == (ChangeState.REFUSED, "金额不对")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"why": " "}, "为什么改"),
        ({"why": "长" * 301}, "最多 300 个字"),
        ({"why": "见 http://example.com/x 和 javascript:alert(1)"}, "理由里"),
        ({"fee": " "}, "收费标准不能为空"),
        ({"live_from": NOW - timedelta(minutes=1)}, "现在以后"),
        ({"live_from": NOW + timedelta(days=400)}, "一年以内"),
    ],
)
def test_a_proposal_that_is_not_sound_is_refused(
    session: Session, settings: Settings, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(ChangeRefused, match=said):
        propose_fee(session, settings, **given)
    with pytest.raises(ChangeRefused, match="没有改动"):
        propose_fee(session, settings, fee_of(session))


def test_an_undoing_is_live_at_once_and_undoing_that_needs_another_person(session: Session, settings: Settings) -> None:
    before = fee_of(session)
    change = live(session, settings, ITEM, {"fee": "21 元", "window": "5 号窗口"})
    back = undo(session, settings, change)
    assert (fee_of(session), back.state, change.state) == (before, ChangeState.LIVE, ChangeState.UNDONE)
    again = undo(session, settings, back)
    assert (fee_of(session), again.state) == (before, ChangeState.PROPOSED)
    service.approve(session, settings, again.id, person(session, Role.REVIEWER), NOW)
    assert (fee_of(session), back.state) == ("21 元", ChangeState.UNDONE)


def test_nothing_is_undone_that_was_changed_since(session: Session, settings: Settings) -> None:
    change = live(session, settings, ITEM, {"fee": "21 元"})
    live(session, settings, ITEM, {"fee": "22 元"})
    with pytest.raises(ChangeRefused, match="又被改过"):
        undo(session, settings, change)


def paper_of(session: Session) -> Document:
    return session.scalars(select(Document).where(Document.key == "uploads/停车.md")).one()


def test_each_act_on_a_document_is_undone(session: Session, settings: Settings) -> None:
    upload = upload_of(session, "停车.md", PAPER.encode(), None)
    target = Target(Changeable.DOCUMENT, upload.key, "《云河市停车管理办法》")
    first = live(session, settings, target, stored(upload, "停车.md"))
    assert ["标题", "", "云河市停车管理办法"] in first.differences
    document = paper_of(session)
    undo(session, settings, first)
    assert document.withdrawn_at is not None
    live(session, settings, target, {"act": "return"})
    assert document.withdrawn_at is None

    before = as_read(session, document)
    second = upload_of(session, "v2.md", PAPER.replace("2 元", "3 元").encode(), document)
    acts = [stored(second, "v2.md"), repealed(date(2026, 12, 1), "《新办法》"), {"act": "restore"}, {"act": "withdraw"}]
    for wanted in acts:
        change = live(session, settings, target, wanted)
        undo(session, settings, change)
        assert (as_read(session, document), document.withdrawn_at) == (before, None), wanted
    last = service.history(session, Changeable.DOCUMENT, upload.key, newest=8)[-1]
    assert last.differences == [["第二条", "每小时 2 元。", "每小时 3 元。"]]
    with pytest.raises(ChangeRefused, match="没有改动"):
        live(session, settings, target, {"act": "return"})


def rows_of(name: str) -> list[str]:
    return (SAMPLES / name).read_text(encoding="utf-8-sig").splitlines()


def change_list(session: Session, settings: Settings, kind: Changeable, lines: Sequence[str]) -> ProposedChange:
    path = settings.var_dir / {Changeable.ROUTES: "routes.csv"}.get(kind, "list.csv")
    path.write_text("\n".join(lines), encoding="utf-8")
    listed = LISTED[kind]
    return live(session, settings, Target(kind, listed.subject, "表"), listed.wanted_by(session, settings, path))


def test_routes_are_compared_replaced_and_brought_back(session: Session, settings: Settings) -> None:
    import_routes(session, SAMPLES / "routes")
    before = route_rows(session)
    text = "\n".join(rows_of("routes/routes.csv"))
    # Without the last route, and another office for the first.
    kept = text[: text.index(before[-1].code)].replace(before[0].in_charge, "市应急管理局", 1)
    change = change_list(session, settings, Changeable.ROUTES, [kept])
    assert [f"{before[0].code} 归口", before[0].in_charge, "市应急管理局"] in change.differences
    assert before[-1].code not in [row.code for row in route_rows(session)]
    assert [f"{before[-1].code} 名称", before[-1].name, ""] in change.differences
    assert before[0].triggers[0] in settings.lexicon_path.read_text(encoding="utf-8")
    undo(session, settings, change)
    assert route_rows(session) == before


def test_one_route_is_edited_unless_another_has_its_name_or_phrase(session: Session, settings: Settings) -> None:
    import_routes(session, SAMPLES / "routes")
    first, other = route_rows(session)[:2]
    target = Target(Changeable.ROUTES, "routes", first.name)
    change = live(session, settings, target, edited(session, first.code, cells_of(first) | {"归口": "市应急管理局"}))
    assert change.differences == [[f"{first.code} 归口", first.in_charge, "市应急管理局"]]
    for cells, said in (({"名称": other.name}, "已经有叫"), ({"触发词": other.triggers[0]}, f"已经是“{other.name}”")):
        with pytest.raises(ChangeRefused, match=said):
            edited(session, first.code, cells_of(first) | cells)


def test_the_holidays_of_a_year_are_compared_replaced_and_brought_back(session: Session, settings: Settings) -> None:
    free = [date(2100, 1, 1) + timedelta(days=number) for number in range(13)]
    change = change_list(session, settings, Changeable.HOLIDAYS, ["日期,安排", *(f"{day},放假" for day in free)])
    assert change.summary.startswith("2100 年放假：（空） → 1月1日、1月2日")
    assert imported(settings.holidays_path).years == {2100}
    undo(session, settings, change)
    assert imported(settings.holidays_path).years == set()


def test_the_list_of_laws_is_compared_replaced_and_brought_back(session: Session, settings: Settings) -> None:
    head, *rows = rows_of("laws/status.csv")[:6]
    first = change_list(session, settings, Changeable.LAWS, [head, *rows])
    assert len(session.scalars(select(Law)).all()) == 5
    title = rows[1].split(",")[0]
    second = change_list(session, settings, Changeable.LAWS, [head, rows[0].replace("有效", "已废止"), *rows[2:]])
    assert any(title in one[0] and one[2] == "" for one in second.differences)
    undo(session, settings, second)
    assert sorted(session.scalars(select(Law.title))) == sorted(row.split(",")[0] for row in rows)
    assert session.scalars(select(Law.status).where(Law.title == rows[0].split(",")[0])).one() != "已废止"
    undo(session, settings, first)
    assert session.scalars(select(Law)).all() == []
