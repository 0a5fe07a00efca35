"""Laws and their versions, texts, articles and repeal clauses; and which of our records cite them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Base, UTCDateTime


class Law(Base):
    """A law as published on one day: each amended version is a row of its own.

    `short_title`: without 中华人民共和国, by which citations are matched. `status` as in the imported list (有效,
    已修改, 已废止, 尚未生效, 未知), empty if only a text was loaded. `changed_at`: when an import last changed the
    row or a text.
    """

    __tablename__ = "laws"
    __table_args__ = (UniqueConstraint("title", "published_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    short_title: Mapped[str] = mapped_column(index=True)
    published_on: Mapped[date]
    effective_on: Mapped[date | None]
    status: Mapped[str]
    issuer: Mapped[str]
    kind: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class LawText(Base):
    """A file with the text of a law, or of a part of it (a book of the 民法典).

    `name`: its path in the imported folder, without suffix. `digest`: SHA-256 of the file.
    """

    __tablename__ = "law_texts"
    __table_args__ = (UniqueConstraint("law_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    law_id: Mapped[int] = mapped_column(ForeignKey("laws.id", ondelete="CASCADE"))
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(index=True)


class LawArticle(Base):
    """An article of a text. `key`: its number as `citations.article_keys` writes it; `number`: 第三十条."""

    __tablename__ = "law_articles"

    id: Mapped[int] = mapped_column(primary_key=True)
    text_id: Mapped[int] = mapped_column(ForeignKey("law_texts.id", ondelete="CASCADE"), index=True)
    key: Mapped[str]
    number: Mapped[str]
    text: Mapped[str] = mapped_column(Text)


class LawRepeal(Base):
    """A repeal clause of a text. `law`: the short name of what it repeals; `part`: which part of it, empty for all.

    `on` is null if the clause counts from the day on which its law was published.
    """

    __tablename__ = "law_repeals"

    id: Mapped[int] = mapped_column(primary_key=True)
    text_id: Mapped[int] = mapped_column(ForeignKey("law_texts.id", ondelete="CASCADE"), index=True)
    law: Mapped[str] = mapped_column(index=True)
    part: Mapped[str]
    on: Mapped[date | None]
    article: Mapped[str]


class LawCitation(Base):
    """A law that one of our records cites, and what is to be said of it (`kind` is a `standing.Kind`).

    `subject`: a `watch.Subject`. `code`: of the item or route, the id of the document, the name of the clock's rule,
    the number of the duty. `owner`: who keeps the record, in words; `department_code` if it is a department of the
    catalogue. `law`: the name as cited; `articles`: all that are cited, as written. `written_on`: the day on which the
    record agreed with the law; for records without a date, the day on which the watch first saw it. `since`, `by`,
    `article`: from which day, and by which article of which law, it changed. A task is open if `raised_at` is set and
    `settled_at` is not.
    """

    __tablename__ = "law_citations"
    __table_args__ = (UniqueConstraint("subject", "code", "short_title", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str]
    code: Mapped[str]
    title: Mapped[str]
    department_code: Mapped[str | None]
    owner: Mapped[str]
    law: Mapped[str]
    short_title: Mapped[str] = mapped_column(index=True)
    version: Mapped[str]
    articles: Mapped[str] = mapped_column(Text)
    written_on: Mapped[date]
    kind: Mapped[str]
    since: Mapped[date | None]
    by: Mapped[str]
    article: Mapped[str]
    raised_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    settled_by: Mapped[str | None]
    note: Mapped[str] = mapped_column(Text)
