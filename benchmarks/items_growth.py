"""How answers and pages grow with the catalogue: `python -m benchmarks.items_growth 100 1000 10000`.

Each size is the sample city with so many items, the others invented: their names are put together of a trade, a thing
and an act, so that each shares words with many. The questions are about the sample's own items. Times are those of the
processor, medians, in milliseconds; each size has a process of its own.

    .venv/engine/bin/python -m benchmarks.growth_plot benchmarks/results/items.csv benchmarks/results/items.png
"""

from __future__ import annotations

import csv
import itertools
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from tempfile import TemporaryDirectory

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot import migrations
from bot.answering.service import INDEX, answering
from bot.catalogue.directory import FILTERS, item_directory
from bot.catalogue.models import Item, LegalBasis, Material, Step
from bot.catalogue.service import get_item, lexicon, related_to
from bot.db import Database
from bot.places import ROOT
from bot.revisions.service import answer_from_kept
from bot.running.sample_city import load_sample_city
from bot.settings import Settings
from bot.web.items import read_list

RESULTS = ROOT / "benchmarks" / "results" / "items.csv"
_TRADES = (
    "渔业 林业 矿山 港口 航道 铁路 桥梁 隧道 燃气 供热 供水 排水 园林 "
    "苗木 种畜 饲料 农药 化肥 粮食 棉花 盐业 茶叶 丝绸 陶瓷 印刷"
)
_THINGS = "设施 用地 作业 场所 船舶 车辆 设备 仓库 管线 标识 样品 试验 检测 运输 经营 加工 收购 进口 出口 施工"
_ACTS = "许可 备案 登记 审批 核准 延续 变更 注销 补发 验收 年审 鉴定 认定 确认 转让 复核 竣工 启用 停用 迁移"
_QUESTIONS = (
    *("身份证丢了怎么补", "办居住证要带什么", "护照多少钱", "开饭店办什么证", "营业执照去哪办", "新生儿落户要多久"),
    *("残疾证怎么办", "老年卡在哪里领", "公积金怎么提取", "卖烟要什么许可"),
)
_TRIES = 5


def main(sizes: list[str]) -> None:
    rows = [(int(size), name, took) for size in sizes for name, took in _apart(size).items()]
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["items", "what", "ms of processor, median"])
        writer.writerows((size, name, f"{took:.2f}") for size, name, took in rows if name.endswith("ms"))
    for size, name, took in rows:
        print(f"{size:>8,} {name:36}{took:12.2f}")


def _apart(size: str) -> dict[str, float]:
    with TemporaryDirectory() as folder:
        # What an index is made of, and where it is kept, is read from the settings.
        environment = {**os.environ, "VAR_DIR": folder, "DATABASE_URL": ""}
        command = [sys.executable, "-m", "benchmarks.items_growth", "of", size]
        ran = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    figures: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return figures


def of(size: int) -> dict[str, float]:
    settings = Settings.from_environment()
    database = Database(settings.database_url)
    migrations.upgrade(database.engine)
    load_sample_city(database)
    with database.transaction() as session:
        _invent(session, size)
    figures = {"building the index, s": _seconds(database, lambda session: INDEX.build(session, settings))}
    figures["taking it into use, s"] = _seconds(database, answering)
    figures["peak of both, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for name, work in _WORK.items():
        figures[name] = _median_ms(database, work)
    return figures


def _invent(session: Session, size: int) -> None:
    """Fills the catalogue up to `size` items, with departments and offices of the sample city in turn."""
    own = list(session.execute(select(Item.department_code, Item.office_code).order_by(Item.code)))
    missing = size - session.scalars(select(func.count()).select_from(Item)).one()
    for number, name in zip(range(missing), _names(), strict=False):
        department, office = own[number % len(own)]
        session.add(_item(f"Z-{number:05}", name, department, office))


def _names() -> Iterator[str]:
    """10,000 names; neighbours differ in the trade."""
    return (
        "".join((trade, thing, act))
        for act, thing, trade in itertools.product(_ACTS.split(), _THINGS.split(), _TRADES.split())
    )


def _item(code: str, name: str, department: str, office: str) -> Item:
    return Item(
        code=code, name=name, kind="行政许可", department_code=department, applicant="法人", summary=f"办理{name}。",
        conditions=[f"符合{name}的规定"], statutory_days=20, statutory_note="", promised_days=5, has_fee=False,
        fee="不收费", fee_basis="", office_code=office, window="", channel="网上和窗口都能办", online_note="",
        visit_count=1, result=f"{name}证明", result_validity="长期", delivery="窗口领取", complaints_phone="0990-12345",
        recorded_on=date(2026, 1, 1), note="", particulars={}, districts=[],
        materials=[_material(place, f"{name}{kind}") for place, kind in enumerate(("申请表", "说明", "图纸"))],
        steps=[Step(position=place, name=f"第{place}步", detail="", time="") for place in range(3)],
        legal_bases=[LegalBasis(position=0, law=f"{name}条例", article="第三条", gist="")],
    )  # fmt: skip


def _material(position: int, name: str) -> Material:
    return Material(
        position=position, name=name, form="原件", copies=1, issuer="", waiver="", is_required=True, situations=[],
        note="",
    )  # fmt: skip


def _asked(session: Session) -> None:
    for question in _QUESTIONS:
        answering(session).decide(question)


def _record(session: Session) -> None:
    answer_from_kept(session)
    get_item(session, "GA-003")
    related_to(session, "GA-003")


def _page(session: Session, **asked: str) -> object:
    return read_list(session, {"q": "", **dict.fromkeys(FILTERS, ""), **asked}, 1)


_WORK: dict[str, Callable[[Session], object]] = {
    "ten questions, ms": _asked,
    "the record of an item, ms": _record,
    "a page of the list, ms": _page,
    "a page of one department, ms": lambda session: _page(session, department="GA"),
    "a search in the list, ms": lambda session: _page(session, q="护照"),
    "the list read after a change, ms": item_directory,
    "the names for the engine, ms": lexicon,
}


def _seconds(database: Database, work: Callable[[Session], object]) -> float:
    began = time.process_time()
    with database.transaction() as session:
        work(session)
    return time.process_time() - began


def _median_ms(database: Database, work: Callable[[Session], object]) -> float:
    _seconds(database, work)
    return 1000 * statistics.median(_seconds(database, work) for _ in range(_TRIES))


if __name__ == "__main__":
    if sys.argv[1:2] == ["of"]:
        print(json.dumps(of(int(sys.argv[2]))))
    else:
        main(sys.argv[1:] or ["100", "1000", "10000"])
