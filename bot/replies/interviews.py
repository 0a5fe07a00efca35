"""The words about question time: quoting an answer, and how a question stands as who asked it reads it."""

from __future__ import annotations

from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import InterviewQuoted
from bot.interviews.models import Question
from bot.interviews.terms import QuestionState, State
from bot.links import question_page, with_host
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


def standing(question: Question) -> str:
    """How the question stands, for who asked it; without a stop at the end."""
    if question.state in (QuestionState.WAITING, QuestionState.TAKEN) and question.interview.is_over:
        return "访谈已取消" if question.interview.state == State.CANCELLED else "访谈已结束，时间有限没有答复"
    return _STANDING[question.state]
