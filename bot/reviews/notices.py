"""How staff are named to citizens, and the notices when they join or leave a conversation."""

from __future__ import annotations

from datetime import date


def signature(department_name: str | None) -> str:
    """The name of a clerk for citizens, without the personal name: `公安局工作人员`."""
    return f"{department_name or ''}工作人员"


def joined(department_name: str | None) -> str:
    return f"{signature(department_name)}已经加入，接下来由工作人员直接回答您。"


def handed_on(department_name: str | None) -> str:
    return f"您的问题已经交给另一位{signature(department_name)}，接着回答您，前面说过的不用重说。"


LEFT = "工作人员已经离开，接下来还是由智能助手回答。"
PASSED_ON = "您的话已经转给工作人员，请稍等。"


def put_off(day: date) -> str:
    """The day by which the citizen has the answer, after an extension (延期)."""
    return f"您反映的事需要多一些时间办理，我们会在 {day.month} 月 {day.day} 日前答复您。"


def call_back(number: str) -> str:
    """Asks after the answer whether it is solved (回访)."""
    return f"您反映的事（{number}）我们已经答复。想听您说一句：解决了吗，满意吗？"
