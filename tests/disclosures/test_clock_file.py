import json
import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import cli
from bot.disclosures.clock_command import CaseRefused, read_case
from bot.disclosures.rules import DECISION_BASIS, Rule
from bot.places import ROOT

PAGE = (ROOT / "docs" / "clock.md").read_text(encoding="utf-8")
TODAY = date(2026, 2, 10)


def content(events: object = (), **fields: object) -> bytes:
    return json.dumps({"received_on": "2026-01-05", "today": "2026-02-10", "events": events, **fields}).encode()


def extended(on: str, working_days: object) -> dict[str, object]:
    return {"on": on, "kind": "extended", "working_days": working_days}


def run(tmp_path: Path, case: bytes) -> Result:
    path = tmp_path / "case.json"
    path.write_bytes(case)
    return invoke(path)


def invoke(path: Path) -> Result:
    return CliRunner().invoke(cli, ["clock", str(path)])


def refusal(case: bytes) -> str:
    with pytest.raises(CaseRefused) as refused:
        read_case(case, TODAY)
    return str(refused.value)


def test_the_example_of_the_page_gives_what_the_page_says(tmp_path: Path) -> None:
    case, expected = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    result = run(tmp_path, case.encode())
    assert (result.exit_code, json.loads(result.stdout)) == (0, json.loads(expected))


def test_the_page_names_every_rule_and_every_answer_with_its_article() -> None:
    for basis in (*(rule.basis for rule in Rule), *DECISION_BASIS.values()):
        assert basis in PAGE
    for rule in Rule:
        if rule.unit:
            assert any(f"{rule.length} {rule.unit}" in line for line in PAGE.splitlines() if rule.basis in line)
    for decision in DECISION_BASIS:
        assert f"`{decision}`" in PAGE


# Every expected date was counted by hand on the State Council's calendar for 2026: holidays 1 to 3 January, 15 to 23
# February, 4 to 6 April, 1 to 5 May; worked Saturdays and Sundays 4 January, 14 and 28 February, 9 May.
@pytest.mark.parametrize(
    ("events", "today", "state", "due_on", "left"),
    [
        ([], "2026-01-05", "received", "2026-02-02", 20),
        ([], "2026-02-02", "in_process", "2026-02-02", 0),
        ([], "2026-02-10", "in_process", "2026-02-02", -6),
        (
            [{"on": "2026-01-12", "kind": "supplement_requested", "respond_by": "2026-01-30"}],
            "2026-01-30", "awaiting_supplement", None, None,
        ),
        (
            [{"on": "2026-01-12", "kind": "supplement_requested", "respond_by": "2026-01-30"}],
            "2026-01-31", "abandoned", None, None,
        ),
        (
            [
                {"on": "2026-01-12", "kind": "supplement_requested", "respond_by": "2026-01-30"},
                {"on": "2026-01-28", "kind": "supplement_received"},
            ],
            "2026-02-10", "in_process", "2026-03-03", 11,
        ),
        ([{"on": "2026-02-02", "kind": "extended", "working_days": 20}], "2026-02-10", "extended", "2026-03-06", 14),
        (
            [{"on": "2026-01-26", "kind": "consultation_started", "party": "third_party", "id": "a"}],
            "2026-02-10", "consulting", "2026-02-28", None,
        ),
        (
            [
                {"on": "2026-01-26", "kind": "consultation_started", "party": "agency", "id": "a"},
                {"on": "2026-02-09", "kind": "consultation_ended", "id": "a"},
            ],
            "2026-02-10", "in_process", "2026-02-14", 4,
        ),
        (
            [{"on": "2026-02-03", "kind": "answered", "outcome": "granted"}],
            "2026-02-10", "answered", "2026-02-02", None,
        ),
        ([{"on": "2026-01-06", "kind": "withdrawn"}], "2026-02-10", "withdrawn", None, None),
        (
            [{"on": "2026-01-12", "kind": "fee_notified", "amount": 300, "pay_by": "2026-02-09"}],
            "2026-02-10", "abandoned", None, None,
        ),
        (
            [{"on": "2026-01-12", "kind": "fee_notified"}, {"on": "2026-01-28", "kind": "fee_paid"}],
            "2026-02-10", "in_process", "2026-03-03", 11,
        ),
        ([{"on": "2026-02-02", "kind": "postponed", "until": "2026-03-31"}], "2026-03-31", "extended", "2026-03-31", 0),
        # told after the last day: recorded, and of no use
        ([{"on": "2026-02-03", "kind": "extended", "working_days": 5}], "2026-02-10", "in_process", "2026-02-02", -6),
        # known, but still to come
        ([{"on": "2026-01-30", "kind": "withdrawn"}], "2026-01-29", "in_process", "2026-02-02", 2),
    ],
)  # fmt: skip
def test_a_case_gives_state_and_dates(
    tmp_path: Path, events: object, today: str, state: str, due_on: str | None, left: int | None
) -> None:
    result = run(tmp_path, content(events, today=today))
    assert (result.exit_code, result.stderr) == (0, "")
    answer = json.loads(result.stdout)
    assert (answer["state"], answer["due_on"], answer["working_days_left"]) == (state, due_on, left)


def test_the_fields_are_those_of_the_page(tmp_path: Path) -> None:
    answer = json.loads(run(tmp_path, content()).stdout)
    assert list(answer) == [
        "state", "due_on", "working_days_left", "paused", "overdue", "provisional", "legal_basis", "remedies",
        "next_step", "respond_by", "pay_by", "without_effect",
    ]  # fmt: skip
    assert (answer["overdue"], answer["paused"], answer["provisional"]) == (True, False, False)
    assert [(remedy["kind"], remedy["by"]) for remedy in answer["remedies"]] == [
        ("complaint", None),
        ("reconsideration", "2026-04-03"),
        ("litigation", None),
    ]


@pytest.mark.parametrize(
    ("party", "words"), [("third_party", "由受理机关自己决定是否公开"), ("agency", "视为同意公开")]
)
def test_the_next_step_after_silence_says_which_it_was(tmp_path: Path, party: str, words: str) -> None:
    events = [{"on": "2026-01-12", "kind": "consultation_started", "party": party, "id": "a"}]
    assert words in json.loads(run(tmp_path, content(events)).stdout)["next_step"]


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (b"", "文件: 不是有效的 JSON"),
        (b"{", "文件: 不是有效的 JSON"),
        (b"\xff\xfe", "文件: 不是有效的 JSON"),
        (b"[]", "文件: 要填一个对象"),
        (b"{}", "received_on: 缺少这一项"),
        (b'{"received_on": "2026-01-05"}', "events: 缺少这一项"),
        (content(received_on=20260105), "received_on: 日期要写成"),
        (content(received_on="2026-02-30"), "received_on: 日期要写成"),
        (content(received_on="2026-01-05T00:00:00"), "received_on: 日期要写成"),
        (content(received_on="0001-01-01"), "received_on: 日期要在"),
        (content(received_on="2026-02-11"), "today: 2026-02-10 早于收到申请的日期 2026-02-11"),
        (content(today="soon"), "today: 日期要写成"),
        (content(until="2026-02-10"), "until: 没有这一项"),
        (content({}), "events: 要填一个列表"),
        (content([1]), "events[0]: 要填一个对象"),
        (content([{"kind": "withdrawn"}]), "events[0].on: 缺少这一项"),
        (content([{"on": "2026-01-06", "kind": "received"}]), "events[0].kind: 只能是 'supplement_requested', "),
        (content([{"on": "2026-01-06", "kind": "withdrawn", "why": ""}]), "events[0].why: 没有这一项"),
        (content([{"on": "2026-01-06", "kind": "answered"}]), "events[0].outcome: 这一环节必须填"),
        (content([{"on": "2026-01-06", "kind": "answered", "outcome": "yes"}]), "events[0].outcome: 只能是"),
        (content([extended("2026-01-06", "5")]), "events[0].working_days: 要填整数"),
        (content([extended("2026-01-06", 5.5)]), "events[0].working_days: 要填整数"),
        (content([extended("2026-01-06", True)]), "events[0].working_days: 要填整数"),
        (content([extended("2026-01-06", 21)]), "events[0].working_days: 延长 1 至 20"),
        (content([{"on": "2026-01-06", "kind": "consultation_ended", "id": 1}]), "events[0].id: 要填文字"),
        (content([{"on": "2026-01-06", "kind": "consultation_ended", "id": "a"}]), "events[0].id: 没有这个编号的"),
        (content([{"on": "2026-01-04", "kind": "withdrawn"}]), "events[0].on: 早于上一条的日期 2026-01-05（收到申请）"),
        (content([{"on": "2026-01-06", "kind": "fee_notified", "amount": "300"}]), "events[0].amount: 要填数字"),
        (content([{"on": "2026-01-06", "kind": "fee_notified", "amount": 0.5}]), "events[0].amount: 要填整数（元）"),
        (content([{"on": "2026-01-06", "kind": "fee_paid"}]), "events[0].kind: 前面没有通知收费"),
        (content([{"on": "2026-01-06", "kind": "postponed"}]), "events[0].until: 这一环节必须填"),
    ],
)  # fmt: skip
def test_a_wrong_case_is_refused_with_what_and_where(case: bytes, message: str) -> None:
    assert refusal(case).startswith(message)


def test_the_command_says_it_in_one_line_and_exits_with_2(tmp_path: Path) -> None:
    result = run(tmp_path, content(**{"a\nb": 1}))
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", "a b: 没有这一项\n")


def test_a_file_that_is_not_there_is_said_to_be_unreadable(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        result = invoke(path)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith(f"{path}: 文件读不了")
        assert result.stderr.count("\n") == 1


def test_without_a_day_it_is_today() -> None:
    assert read_case(b'\xef\xbb\xbf{"received_on": "2026-01-05", "events": []}', TODAY).today == TODAY
    assert read_case(content(today="2026-01-09"), TODAY).today == date(2026, 1, 9)
