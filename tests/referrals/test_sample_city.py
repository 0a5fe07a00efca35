"""The sample's routes: each matches its own questions and no others."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from bot.engine.lexicon import Lexicon
from bot.language.negation import affirmed
from bot.language.text import normalise
from bot.language.triggers import EMERGENCY, Routes
from bot.places import ROOT, SAMPLES

with (SAMPLES / "routes" / "routes.csv").open(encoding="utf-8", newline="") as rows:
    SAMPLE = list(csv.DictReader(rows))
NAMES = {row["编码"]: row["名称"] for row in SAMPLE}


@cache
def routes() -> Routes:
    content = [
        {
            "code": row["编码"],
            "category": row["类别"],
            "triggers": row["触发词"].split("\n"),
            "exceptions": list(filter(None, row["排除词"].split("\n"))),
        }
        for row in SAMPLE
    ]
    return Routes(Lexicon.from_content({"entries": [], "departments": [], "routes": content}).routes)


def found(message: str) -> str | None:
    text = normalise(message)
    code = routes().emergency_in(text) or routes().other_in(affirmed(text))
    return NAMES[code] if code else None


def examples(file: Path) -> Iterator[str]:
    for block in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
        for line in block["examples"].splitlines():
            yield line.removeprefix("- ")


def test_there_is_a_route_for_every_kind_of_door() -> None:
    assert len(SAMPLE) >= 45
    assert {row["类别"] for row in SAMPLE} == {
        "紧急求助",
        "信访投诉举报",
        "登记簿查询",
        "法院和复议",
        "其他城市和上级",
        "本人在外部系统的个案",
        "生活服务",
    }


@pytest.mark.parametrize(
    ("message", "route"),
    [
        ("廚房著火了怎麼辦", "火警"),
        ("煤气泄漏了", "燃气泄漏"),
        ("有人晕倒了", "急病和重伤"),
        ("爸爸心脏病发作", "急病和重伤"),
        ("有人打我", "正在被伤害或者受到威胁"),
        ("家里进小偷了", "盗窃"),
        ("家暴正在发生", "家庭暴力"),
        ("老公打我怎么办", "家庭暴力"),
        ("我想自杀", "想不开、自杀危机"),
        ("低保没批下来，我不想活了", "想不开、自杀危机"),
        ("车祸了，有人受伤", "交通事故"),
        ("有人落水了", "水上遇险"),
        ("被困电梯", "被困"),
        ("孩子走丢了", "老人孩子走失"),
        ("刚被骗走五万", "被骗转账和电信诈骗"),
        ("我要上访", "信访"),
        ("用信息公开举报局长", "用信息公开申请来投诉举报"),
        ("老板拖欠工资", "拖欠工资"),
        ("被公司辞了，3个月工资没给", "拖欠工资"),
        ("邻居家狗咬了我", "被狗、猫咬伤"),
        ("查这家公司的股东", "企业登记信息和档案"),
        ("查一下他名下有几套房", "不动产登记资料"),
        ("怎么去法院告他", "起诉和立案"),
        ("行政复议找谁", "行政复议到哪里提"),
        ("深圳怎么落户", "其他城市的事"),
        ("公积金余额有多少", "公积金余额和记录"),
        ("查违章", "交通违章和驾照记分"),
        ("小区停电了", "停电和电费"),
        ("楼道里堆满了纸箱，一旦发生火灾谁都跑不掉", "举报消防和安全隐患"),
    ],
)
def test_a_message_leads_to_its_door(message: str, route: str) -> None:
    assert found(message) == route


@pytest.mark.parametrize(
    "message",
    [
        "消防安全检查怎么办",
        "无犯罪记录证明怎么开",
        "交通事故责任认定书几天出",
        "交通事故对方不赔，没钱打官司",
        "社保卡丢了怎么补",
        "租房提取公积金几天到账",
        "不动产转移登记要带什么",
        "残疾人证怎么办",
        "身份证被偷了怎么补办",
        "孩子丢了身份证",
        "车子打不着火了怎么办",
        "店里着火了，保险公司要消防的一纸说明",
        "歌厅噪声大，要做环评吗",
        "想死你了",
        "我的件办到哪了",
        "在上海办的结婚证，在云河能离婚吗",
        "对信息公开答复不满意怎么投诉",
        "这个路口没有红绿灯，经常发生交通事故",
        "电梯三天两头坏，经常有人被困在电梯里",
    ],
)
def test_a_question_that_is_ours_stays_ours(message: str) -> None:
    assert found(message) is None


@pytest.mark.parametrize(
    "file",
    [
        *sorted((ROOT / "data" / "nlu" / "items").glob("*.yml")),
        *(
            ROOT / "data" / "nlu" / f"{name}.yml"
            for name in ("policies", "disclosures", "follow_ups", "choices", "smalltalk")
        ),
    ],
    ids=lambda file: file.stem,
)
def test_no_trigger_fires_on_what_is_asked_about_items_and_rules(file: Path) -> None:
    assert {text: found(text) for text in examples(file) if found(text)} == {}


def test_no_trigger_fires_on_the_messages_of_the_evaluation_that_mean_items() -> None:
    lines = (ROOT / "bot" / "evaluation" / "sets" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [case for case in map(json.loads, lines) if case["outcome"] in ("item", "choices")]
    assert {case["text"]: found(case["text"]) for case in cases if found(case["text"])} == {}


def test_each_training_example_of_a_route_holds_a_trigger() -> None:
    assert [text for text in examples(ROOT / "data" / "nlu" / "routes.yml") if not found(text)] == []


def test_each_trigger_of_an_emergency_finds_an_emergency() -> None:
    """No exception of a route speaks against its own triggers."""
    for row in SAMPLE:
        if row["类别"] == EMERGENCY:
            for trigger in row["触发词"].split("\n"):
                assert routes().emergency_in(normalise(trigger.replace(" ", ""))), trigger
