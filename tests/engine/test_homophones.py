"""Wrongly typed names are corrected; right ones stay."""

from __future__ import annotations

import copy
import csv
import json
import time
from functools import cache

import pytest

from bot.language.homophones import Homophones
from bot.language.text import normalise
from bot.places import ROOT, SAMPLES

pytestmark = pytest.mark.slow

# What one message may cost, in seconds of this process.
MOST = 0.002


@cache
def homophones() -> Homophones:
    """A corrector for the names in the sample city's catalogue."""

    def column(file: str, heading: str) -> list[str]:
        with (SAMPLES / "catalogue" / file).open(encoding="utf-8", newline="") as rows:
            return [row[heading] for row in csv.DictReader(rows)]

    return Homophones(
        [*column("items.csv", "事项名称"), *column("aliases.csv", "别名"), *column("items.csv", "结果名称")],
        column("absent_matters.csv", "名称"),
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("身分正丢了怎么补", "身份证丢了怎么补"),
        ("居主证怎么办", "居住证怎么办"),
        ("社宝卡挂失", "社保卡挂失"),
        ("驾史证到期", "驾驶证到期"),
        ("营业直照怎么办", "营业执照怎么办"),
        ("公鸡金提取", "公积金提取"),
        ("低宝怎么申请", "低保怎么申请"),
        ("护口迁移", "户口迁移"),
        ("结昏登记要带什么", "结婚登记要带什么"),
    ],
)
def test_what_sounds_the_same_is_put_right(typed: str, meant: str) -> None:
    assert homophones().corrected(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("养老保显转移", "养老保险转移"), ("居组证", "居住证"), ("营业子照", "营业执照"), ("失业保险京", "失业保险金")],
)
def test_what_sounds_alike_is_put_right_where_the_rest_proves_it(typed: str, meant: str) -> None:
    assert homophones().corrected(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("营执照怎么办", "营业执照怎么办"),
        ("营业照执", "营业执照"),
        ("身份证证丢了", "身份证丢了"),
        ("结登婚记", "结婚登记"),
    ],
)
def test_a_slip_in_a_long_name_is_put_right(typed: str, meant: str) -> None:
    assert homophones().corrected(typed) == meant


@pytest.mark.parametrize(
    "message",
    [
        "我不办了",
        "办许可",
        "补护照收费吗",
        "迁户口到本市",
        "单位不给离职证明",
        "单身证明还给开不",
        "给狗上户口",
        "公司被裁了",
        "工厂报建在哪个大厅",
        "五十头育肥猪要卖到屠宰场",
        "车辆登记证书",
        "自己缴社保",
        "XXGK-2026-000123",
        "",
    ],
)
def test_what_is_right_stays(message: str) -> None:
    assert homophones().corrected(normalise(message)) == normalise(message)


def test_every_name_stays_as_it_is() -> None:
    with (SAMPLES / "catalogue" / "aliases.csv").open(encoding="utf-8", newline="") as rows:
        names = [normalise(row["别名"]) for row in csv.DictReader(rows)]
    assert {name: homophones().corrected(name) for name in names if homophones().corrected(name) != name} == {}


def test_without_names_nothing_changes() -> None:
    assert Homophones([]).corrected("居主证怎么办") == "居主证怎么办"


def test_a_message_costs_next_to_nothing() -> None:
    lines = (ROOT / "bot" / "evaluation" / "sets" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    messages = [normalise(json.loads(line)["text"]) for line in lines]
    homophones().corrected("".join(messages))
    started = time.process_time()
    for message in messages:
        homophones().corrected(message)
    assert (time.process_time() - started) / len(messages) < MOST


def test_what_was_learnt_can_be_stored_with_the_model() -> None:
    again = copy.deepcopy(homophones())  # as pickle does, by what is stored
    for typed in ("身分正丢了怎么补", "居主证怎么办", "营业照执在哪里办", "你好", "今天天气怎么样"):
        assert again.corrected(typed) == homophones().corrected(typed)
    assert again.corrected("居主证怎么办") == "居住证怎么办"
