"""Publishes a citizen's question and its answer as a document, which search finds when the index is built."""

from __future__ import annotations

import hashlib
from datetime import date

from sqlalchemy.orm import Session

from bot.documents.content import Block, Heading, Paragraph, Particulars
from bot.documents.importer import store_document
from bot.documents.models import Document
from bot.documents.passages import split
from bot.documents.reader import ReadDocument
from bot.language.masking import without_secrets
from bot.links import NO_WEB_ADDRESS, leads_elsewhere

MOST_TITLE_CHARACTERS = 80
MOST_QUESTION_CHARACTERS = 200
MOST_ANSWER_CHARACTERS = 4000


class NotPublishable(ValueError):
    """The answer cannot be published as it is; the message says what to change, in Chinese."""


def publish_answer(
    session: Session,
    *,
    key: str,
    title: str,
    question: str,
    answer: str,
    issuer: str,
    published_on: date,
    who: str = "",
) -> Document:
    """Publishes an answer, in force at once. Using the same `key` again, for a correction, makes the next version.

    Raises:
        NotPublishable: something is missing or too long, or contains an identity number, a query code or a
            link such as `javascript:`.
    """
    title = _checked("标题", title, MOST_TITLE_CHARACTERS)
    question = _checked("问题", question, MOST_QUESTION_CHARACTERS)
    answer = _checked("答复", answer, MOST_ANSWER_CHARACTERS)
    issuer = _checked("发布单位", issuer, MOST_TITLE_CHARACTERS)
    lines = [line.strip() for line in answer.splitlines()]
    blocks: list[Block] = [Heading(2, " ".join(question.split())), *(Paragraph(line) for line in lines if line)]
    particulars = Particulars(title=title, issuer=issuer, published_on=published_on, in_force=True)
    digest = hashlib.sha256("\n".join([title, question, answer, issuer, str(published_on)]).encode()).hexdigest()
    return store_document(session, key, ReadDocument(title, particulars, split(blocks)), digest, who=who)


def _checked(name: str, text: str, most: int) -> str:
    text = text.strip()
    if not text:
        raise NotPublishable(f"请填{name}")
    if len(text) > most:
        raise NotPublishable(f"{name}最多 {most} 个字")
    if leads_elsewhere(text):
        raise NotPublishable(f"{name}里{NO_WEB_ADDRESS}")
    if without_secrets(text) != text:
        raise NotPublishable(f"{name}里像有身份证号或查询码，请去掉再公开")
    return text
