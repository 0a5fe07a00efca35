"""The words about question time: quoting an answer, and how a question stands as who asked it reads it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import InterviewQuoted
from bot.interviews.models import Interview, Question
from bot.interviews.terms import STATE_TITLES, QuestionState, State
from bot.links import INTERVIEWS_PAGE, question_page, with_host
from bot.replies.lists import numbered
from bot.replies.reply import Reply
from bot.replies.voices import shortened
from bot.workdays import CHINA

_STANDING: dict[str, str] = {
    QuestionState.WAITING: "收到了，等工作人员审核",
    QuestionState.TAKEN: "已选用，等嘉宾答复",
    QuestionState.ANSWERED: "已答复",
    QuestionState.LEFT_OUT: "没有选用",
}


def answered_in_talk(question: Question) -> Reply:
    """Quotes an answer given in a talk: only likely, with its date and who gave it, and never as law."""
    talk, page = question.interview, question_page(question.interview_id, question.id)
    on = question.answered_at.astimezone(CHINA).date().isoformat() if question.answered_at else ""
    whole = with_host(page)
    lines = [
        f"在线访谈里答过，{on} 的答复，供您参考，不代替法律法规和文件的规定：",
        f"问题：{question.question}",
        f"{question.answered_by}：“{shortened(question.answer)}”",
        *([f"更正：{question.correction}"] if question.correction else []),
        f"来源：在线访谈“{talk.title}”",
        *([f"全文：{whole}"] if whole else []),
    ]
    about = InterviewQuoted(question.question, talk.title, question.answered_by, on, page, likely=True)
    return Reply("\n".join(lines), Outcome.ANSWERED_BY_PASSAGE, about)


def talks(coming: Sequence[Interview], past: Sequence[Interview]) -> Reply:
    """Which talks there are: those going on or announced, else the last ones, of which one can read the record."""
    page = with_host(INTERVIEWS_PAGE) or "本网站的“在线访谈”栏目"
    if coming:
        lines = ["有这些在线访谈，开始前和进行中都可以提问：", *numbered(map(_told, coming))]
    elif past:
        lines = ["眼下没有预告的在线访谈。最近办过的，可以看文字实录：", *numbered(map(_told, past))]
    else:
        lines = ["眼下没有在线访谈。想问的事可以直接问我，或者说“我要提意见”，记下来转给负责的部门。"]
    return Reply("\n".join([*lines, f"预告、提问和文字实录都在：{page}"]), Outcome.ANSWERED_BY_RECORD)


def _told(talk: Interview) -> str:
    begins, ends = (instant.astimezone(CHINA) for instant in (talk.begins_at, talk.ends_at))
    by = f"，{talk.department.name}" if talk.department else ""
    return f"{talk.title}（{STATE_TITLES[talk.state]}，{begins:%Y-%m-%d %H:%M}—{ends:%H:%M}{by}）"


def standing(question: Question) -> str:
    """How the question stands, for who asked it; without a stop at the end."""
    if question.state in (QuestionState.WAITING, QuestionState.TAKEN) and question.interview.is_over:
        return "访谈已取消" if question.interview.state == State.CANCELLED else "访谈已结束，时间有限没有答复"
    return _STANDING[question.state]
