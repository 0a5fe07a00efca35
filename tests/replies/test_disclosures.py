from datetime import UTC, date, datetime

import pytest

from bot.catalogue.models import Department
from bot.conversations.outcomes import Outcome
from bot.disclosures import clock
from bot.disclosures.models import Event, Request
from bot.disclosures.service import assess
from bot.disclosures.terms import Decision, Kind, Party, Reason, Step
from bot.replies import disclosures
from bot.replies.reply import Reply

RECEIVED_ON = date(2026, 11, 10)
TODAY = date(2026, 11, 24)


def status(*steps: Step, today: date = TODAY, delivery: str | None = None) -> Reply:
    request = Request(
        receipt="XXGK-2026-000123",
        query_code_hash="",
        applicant_kind="natural_person",
        applicant_masked="王**",
        description="滨河绿地规划图则",
        department=Department(code="ZG", name="自然资源和规划局", short_names=[], phone="0990-8810590"),
        received_on=RECEIVED_ON,
        submitted_via="网上",
        delivery=delivery,
        events=[
            Event.of(step, position) for position, step in enumerate([Step(Kind.RECEIVED, RECEIVED_ON), *steps], 1)
        ],
    )
    return disclosures.disclosure_status(request, assess(request, today), today)


def custom(reply: Reply) -> dict[str, object]:
    assert reply.custom is not None
    return reply.custom


def test_a_running_clock_is_told_in_the_fields_of_the_contract() -> None:
    reply = status()
    assert reply.outcome == Outcome.ANSWERED_BY_RECORD
    assert custom(reply) == {
        "kind": "disclosure_status",
        "receipt": "XXGK-2026-000123",
        "state": "in_process",
        "received_on": "2026-11-10",
        "due_on": "2026-12-08",
        "working_days_left": 10,
        "timeline": [{"on": "2026-11-10", "kind": "received", "text": "自然资源和规划局收到申请（网上提交）。"}],
        "legal_basis": ["《政府信息公开条例》第三十三条", "《政府信息公开条例》第三十一条"],
        "remedies": [],
        "answer": None,
    }


def test_the_text_says_all_of_it_in_plain_words() -> None:
    assert status().text.splitlines() == [
        "申请 XXGK-2026-000123：正在办理。",
        "经过：",
        "1. 2026年11月10日，自然资源和规划局收到申请（网上提交）。",
        "答复期限：最迟 2026年12月8日，还剩 10 个工作日。",
        "依据：《政府信息公开条例》第三十三条、第三十一条",
        "下一步：请等自然资源和规划局答复，您不用再做什么。",
        "来源：政府信息公开申请登记 XXGK-2026-000123（自然资源和规划局，2026年11月10日收到）",
    ]


def test_a_supplement_that_is_waited_for_comes_with_its_last_day_and_without_a_due_date() -> None:
    reply = status(Step(Kind.SUPPLEMENT_REQUESTED, date(2026, 11, 13), respond_by=date(2026, 12, 4), note="请写明年份"))
    assert (custom(reply)["state"], custom(reply)["due_on"]) == ("awaiting_supplement", None)
    assert "请最晚在 2026年12月4日补正：" in reply.text
    assert "请写明年份。" in reply.text
    assert "第三十条" in reply.text


def test_a_consultation_says_whose_opinion_is_waited_for() -> None:
    step = Step(Kind.CONSULTATION_STARTED, date(2026, 11, 20), party=Party.AGENCY, consultation_id="1")
    over = Step(Kind.CONSULTATION_ENDED, date(2026, 11, 23), consultation_id="1")
    assert "正在征求其他机关的意见" in status(step).text
    assert "收到其他机关意见" in status(step, over).text


def test_the_last_day_is_called_so() -> None:
    assert "今天（2026年12月8日）是最后一天" in status(today=date(2026, 12, 8)).text


def test_silence_past_the_last_day_is_owned_up_to_with_remedies() -> None:
    reply = status(today=date(2026, 12, 10))
    assert "已过答复期限，还没有答复" in reply.text
    assert "答复期限到 2026年12月8日，超过 2 个工作日" in reply.text
    complaint, reconsideration, litigation = custom(reply)["remedies"]  # type: ignore[misc]
    assert "《政府信息公开条例》第五十一条、第四十七条" in complaint
    assert "自答复期限届满之日起 60 日内申请行政复议，按登记的日期算到 2027年2月8日（暂定）" in reconsideration
    assert "《行政复议法》第二十条、第二十三条第一款第三项" in reconsideration
    assert "要先复议再起诉" in litigation
    assert reconsideration in reply.text
    assert custom(reply)["working_days_left"] == -2
    assert reply.buttons


def test_a_weekend_past_the_last_day_is_late_without_a_number() -> None:
    """A request that was received on a Friday and is due on a Friday."""
    step = Step(Kind.SUPPLEMENT_REQUESTED, date(2026, 11, 12), respond_by=date(2026, 11, 20))
    reply = status(step, Step(Kind.SUPPLEMENT_RECEIVED, date(2026, 11, 13)), today=date(2026, 12, 12))
    assert "答复期限到 2026年12月11日，已经超过。" in reply.text


def test_a_late_answer_is_owned_up_to() -> None:
    late = status(Step(Kind.ANSWERED, date(2026, 12, 10), outcome=Decision.GRANTED), today=date(2026, 12, 11))
    assert "答复期限到 2026年12月8日，这次答复迟了：超过 2 个工作日。" in late.text
    assert "投诉、举报" in late.text
    in_time = status(Step(Kind.ANSWERED, date(2026, 12, 8), outcome=Decision.GRANTED), today=date(2026, 12, 11))
    assert "迟" not in in_time.text


def test_a_refusal_comes_with_the_last_day_for_reconsideration_and_the_way_to_a_court_after_it() -> None:
    reply = status(Step(Kind.ANSWERED, date(2026, 11, 20), outcome=Decision.REFUSED))
    assert "已经答复：不予公开" in reply.text
    assert "按登记的日期算到 2027年1月19日（暂定）" in reply.text
    assert "要先复议再起诉：对复议决定不服的，自收到决定书之日起 15 日内提起行政诉讼" in reply.text
    assert custom(reply)["legal_basis"][0] == "《政府信息公开条例》第三十六条第三项"  # type: ignore[index]


def test_any_other_answer_may_go_straight_to_a_court() -> None:
    reply = status(Step(Kind.ANSWERED, date(2026, 11, 20), outcome=Decision.NOT_HELD))
    assert "也可以自知道答复之日起 6 个月内直接提起行政诉讼，按登记的日期算到 2027年5月20日（暂定）" in reply.text
    assert "《行政诉讼法》第四十六条" in reply.text


@pytest.mark.parametrize(
    ("party", "asked", "silent"),
    [
        (
            Party.THIRD_PARTY,
            "第三方逾期不提意见的，由自然资源和规划局决定是否公开（条例第三十二条）。",
            "第三方逾期没有提出意见，由自然资源和规划局自己决定是否公开（条例第三十二条）。",
        ),
        (
            Party.AGENCY,
            "其他机关逾期不提意见的，视为同意公开（条例第三十四条）。",
            "其他机关逾期没有提出意见，视为同意公开（条例第三十四条）。",
        ),
    ],
)
def test_the_next_step_says_what_the_silence_of_the_one_asked_means(party: Party, asked: str, silent: str) -> None:
    step = Step(Kind.CONSULTATION_STARTED, date(2026, 11, 12), party=party, consultation_id="1")
    assert asked in status(step, today=date(2026, 12, 3)).text
    assert silent in status(step, today=date(2026, 12, 4)).text


def test_without_a_department_the_next_step_speaks_of_the_agency() -> None:
    steps = [Step(Kind.RECEIVED, RECEIVED_ON)]
    assert disclosures.next_step_text(clock.assess(RECEIVED_ON, steps, TODAY)) == "请等受理机关答复，您不用再做什么。"
    overdue = clock.assess(RECEIVED_ON, steps, date(2026, 12, 10))
    assert disclosures.next_step_text(overdue).startswith("可以联系受理机关催办")
    assert "联系自然资源和规划局（0990-8810590）催办" in status(today=date(2026, 12, 10)).text


def test_a_review_whose_time_is_over_is_not_offered_as_if_it_were_not() -> None:
    reply = status(Step(Kind.ANSWERED, date(2026, 11, 20), outcome=Decision.REFUSED), today=date(2027, 2, 1))
    assert "已经截止" in reply.text


@pytest.mark.parametrize("outcome", Decision)
def test_every_answer_has_words_and_a_next_step(outcome: Decision) -> None:
    reply = status(Step(Kind.ANSWERED, date(2026, 11, 20), outcome=outcome))
    assert "下一步：" in reply.text
    assert "{" not in reply.text
    assert custom(reply)["remedies"]
    assert ("提供的信息与您申请的内容不符的" in reply.text) is (outcome == Decision.GRANTED)


def test_a_date_that_may_still_move_is_said_to_be_provisional() -> None:
    reply = status(Step(Kind.EXTENDED, date(2026, 11, 20), working_days=20))
    assert "最迟 2027年1月5日（暂定）" in reply.text
    assert "2027 年的放假安排还没公布" in reply.text


def test_what_was_asked_for_and_by_whom_is_not_repeated() -> None:
    reply = status()
    assert "王" not in reply.text
    assert "滨河绿地" not in reply.text


def test_receipt_and_code_are_asked_for_one_after_the_other() -> None:
    first, second = disclosures.ask_receipt(5), disclosures.ask_query_code("XXGK-2026-000123", 4)
    assert custom(first) == {"kind": "disclosure_identity", "missing": "receipt", "attempts_left": 5}
    assert custom(second) == {"kind": "disclosure_identity", "missing": "query_code", "attempts_left": 4}
    assert "XXGK-2026-000123" in second.text
    assert {first.outcome, second.outcome} == {Outcome.IDENTITY_ASKED}


def test_a_wrong_code_says_how_many_tries_are_left_and_not_which_of_the_two_was_wrong() -> None:
    reply = disclosures.wrong_query_code(3)
    assert "还可以试 3 次" in reply.text
    assert "回执号和查询码对不上" in reply.text
    assert (reply.outcome, custom(reply)["attempts_left"]) == (Outcome.IDENTITY_REFUSED, 3)


def test_a_pause_ends_at_the_minute_that_is_named() -> None:
    reply = disclosures.look_ups_paused(datetime(2026, 11, 24, 2, 15, 20, tzinfo=UTC))
    assert "请在 10:16 以后再试" in reply.text
    assert (reply.outcome, custom(reply)["attempts_left"]) == (Outcome.IDENTITY_REFUSED, 0)


@pytest.mark.parametrize(
    ("reason", "words", "basis"),
    [
        (Reason.EXCESSIVE, "明显超出合理范围", "第三十五条"),
        (Reason.FEE_NOT_PAID, "没有按收费通知缴费", "第四十二条"),
        (Reason.CONFIRMATION_OF_KNOWN, "重新出具", "第三十六条"),
    ],
)
def test_what_was_not_handled_says_why(reason: Reason, words: str, basis: str) -> None:
    step = Step(Kind.ANSWERED, date(2026, 11, 20), outcome=Decision.NOT_HANDLED, reason=reason)
    text = status(step).text
    assert words in text
    assert basis in text


def test_an_answer_is_read_with_its_reason_its_note_and_how_its_papers_are_got() -> None:
    step = Step(
        Kind.ANSWERED,
        date(2026, 11, 20),
        outcome=Decision.REFUSED,
        reason=Reason.PROCESS_INFORMATION,
        note="方案还在讨论。",
    )
    reply = status(step, delivery="网上查看")
    assert reply.text.splitlines()[:5] == [
        "申请 XXGK-2026-000123：已经答复：不予公开。",
        "答复：自然资源和规划局 2026年11月20日答复，不予公开。",
        "理由：属于过程性信息（《政府信息公开条例》第十六条第二款）。",
        "答复说明：方案还在讨论。",
        "答复书：结果和说明都在这里；文书和附件还没有放到网上，请联系自然资源和规划局（0990-8810590）领取。",
    ]
    assert reply.text.count("方案还在讨论") == 1
    assert custom(reply)["answer"] == {
        "on": "2026-11-20",
        "outcome": "refused",
        "decision": "不予公开",
        "reason": "process_information",
        "legal_basis": "《政府信息公开条例》第三十六条第三项",
        "note": "方案还在讨论。",
    }
    assert "按您选的“邮寄”给您；没有收到的，请联系" in status(step, delivery="邮寄").text
