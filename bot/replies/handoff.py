"""Replies when a question goes to a member of staff."""

from __future__ import annotations

from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import Handoff
from bot.replies.reply import PERSON, Button, Reply

LEAVE_CONTACT = Button.to("留个联系方式", "leave_contact")


def handed_over(
    case_number: str, is_on_duty: bool, duty_hours: str, hotline: str, *, is_by_text: bool = False
) -> Reply:
    """`is_by_text`: the answer will be sent to the citizen's telephone, so no contact is asked for."""
    when = "现在是工作时间，工作人员会尽快看到" if is_on_duty else f"现在不是工作时间（{duty_hours}），上班后会有人处理"
    known = "前面的对话也一并转过去了，不用重说"
    take_back = "不用转了就回复“不用了”。"
    if is_by_text:
        how = "答复会直接发给您。"
    elif is_on_duty:
        how = "\n答复会发到这个对话里，请先不要关掉。"
    else:
        how = "\n答复会发到这个对话里；关掉就看不到了，要关的，请留个手机号或者邮箱，答复时联系您。"
    return Reply(
        text=f"已转给工作人员，编号 {case_number}，{known}。{when}；急事请拨 {hotline}。{how}{take_back}",
        outcome=Outcome.HANDED_OVER,
        about=Handoff(case_number, is_on_duty),
        buttons=() if is_on_duty or is_by_text else (LEAVE_CONTACT,),
    )


def offered(is_on_duty: bool, duty_hours: str, hotline: str) -> Reply:
    """Offers a person. No case is open yet, so `case` is null."""
    when = "现在有人" if is_on_duty else "现在没有人，先记下，上班后处理"
    return Reply(
        text=f"可以转给工作人员：回复“转人工”就转。人工服务时间是{duty_hours}，{when}；急事请拨 {hotline}。",
        outcome=Outcome.PERSON_OFFERED,
        about=Handoff(None, is_on_duty),
        buttons=(PERSON,),
    )


def ask_contact(is_again: bool) -> Reply:
    problem = "没有看到手机号、座机或者邮箱。" if is_again else ""
    return Reply(
        text=f"{problem}请写一个手机号、座机或者邮箱。只用来把这次的答复告诉您，加密保存；不想留了，直接问别的就行。",
        outcome=Outcome.HANDED_OVER,
        awaits="contact",
    )


def contact_kept(case_number: str) -> Reply:
    return Reply(f"记下了，{case_number} 答复时会按这个联系方式告诉您。", Outcome.HANDED_OVER)


def contact_not_left(case_number: str | None) -> Reply:
    known = f"{case_number} 照常办理，答复会发到这个对话里。" if case_number else ""
    return Reply(f"好的，不留联系方式。{known}", Outcome.HANDED_OVER if case_number else Outcome.ASKED_BACK)


def nobody_waits() -> Reply:
    """A contact was sent, but no question of this citizen waits for an answer."""
    return Reply("您现在没有等人答复的问题，联系方式没有保存。要找工作人员，请说“转人工”。", Outcome.ASKED_BACK)
