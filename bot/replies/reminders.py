"""Texts that remind an applicant of a date. Others may read the telephone: no names, no contents, no query code."""

from __future__ import annotations

from bot.disclosures.reminders import Reminder, ReminderKind
from bot.replies.lists import day_in_words

_STOP = "回复 TD 退订。"
_TEXTS = {
    ReminderKind.SUPPLEMENT_DUE: "您的信息公开申请 {receipt} 在等您补正，期限到 {day}，没有正当理由逾期不补的，视为放弃"
    "（《政府信息公开条例》第三十条）。凭回执号和查询码，可以在{city}门户的助手里补正。",
    ReminderKind.FEE_DUE: "您的信息公开申请 {receipt} 在等您缴信息处理费，期限到 {day}，逾期不缴的，视为放弃"
    "（《政府信息公开信息处理费管理办法》第六条）。凭回执号和查询码，可以在{city}门户的助手里看。",
    ReminderKind.ANSWERED: "您的信息公开申请 {receipt} 已经答复（{day}）。凭回执号和查询码，"
    "可以在{city}门户的助手里查看，或者拨打 {hotline}。",
    ReminderKind.RECONSIDERATION_ENDS: "您的信息公开申请 {receipt}：要申请行政复议的，期限按登记的日期算到 {day}"
    "（《行政复议法》第二十条）。向谁申请，凭回执号和查询码在{city}门户的助手里看，或者拨打 {hotline}。",
}


def reminder_text(reminder: Reminder, city: str, hotline: str) -> str:
    told = _TEXTS[reminder.kind].format(
        receipt=reminder.receipt, day=day_in_words(reminder.day), city=city, hotline=hotline
    )
    return told + _STOP
