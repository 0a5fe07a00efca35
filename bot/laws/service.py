"""Reads what is known of laws: the index of their standing, and the texts of articles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.catalogue.service import NoCity, get_city
from bot.documents.naming import all_documents
from bot.laws.citations import article_keys, short_name
from bot.laws.models import Law, LawArticle, LawRepeal, LawText
from bot.laws.standing import Kind, Laws, LawVersion, Repeal, Standing
from bot.revisions.service import Subject, kept


@kept(Subject.LAWS, in_every_session=True)
def laws(session: Session) -> Laws:
    """The index of all laws and of our own documents. It is read again after an import of laws or a change of a
    document.
    """
    versions: dict[str, list[LawVersion]] = defaultdict(list)
    first: dict[str, date] = {}
    for short, title, published_on, effective_on, status in session.execute(
        select(Law.short_title, Law.title, Law.published_on, Law.effective_on, Law.status)
    ):
        versions[short].append(LawVersion(title, published_on, effective_on, status))
        first[short] = min(first.get(short, published_on), published_on)
    repeals: dict[str, list[Repeal]] = defaultdict(list)
    clauses = (
        select(LawRepeal, Law.title, Law.short_title)
        .join(LawText, LawRepeal.text_id == LawText.id)
        .join(Law, LawText.law_id == Law.id)
        .order_by(LawRepeal.id)
    )
    for repeal, title, short in session.execute(clauses):
        # “From the day of publication” means that of the first version; later versions keep the clause as it is.
        repeals[repeal.law].append(Repeal(repeal.part, repeal.on or first[short], title, repeal.article))
    try:
        city = get_city(session).name
    except NoCity:
        city = ""
    return Laws(dict(versions), dict(repeals), _documents(session), city)


def _documents(session: Session) -> dict[str, Standing]:
    """Title → standing. If several documents have one title, the document in force counts."""
    found: dict[str, Standing] = {}
    for document in all_documents(session):
        short = short_name(document.title)
        if document.in_force:
            found[short] = Standing(Kind.IN_FORCE, document.effective_on or document.published_on)
        elif short not in found:
            found[short] = Standing(Kind.REPEALED, document.repealed_on, (document.repealed_by or "").strip())
    return found


def newest_change(session: Session) -> datetime | None:
    """When an import last added or changed a law; None if there are none."""
    return session.scalar(select(func.max(Law.changed_at)))


@dataclass(frozen=True)
class Compared:
    """An article in two versions; a text is empty if that version has no such article."""

    number: str
    before: str
    after: str

    @property
    def is_same(self) -> bool:
        return "".join(self.before.split()) == "".join(self.after.split())


@dataclass(frozen=True)
class Versions:
    """The version that a record was written for and the one that replaces it, and the cited articles of both."""

    before: Law
    after: Law
    articles: list[Compared]


def compared(session: Session, name: str, articles: str, begins: date) -> Versions | None:
    """The cited articles in the version that takes effect on the day `begins` and in the one before.

    None unless the texts of both are loaded and articles are named.
    """
    keys = article_keys(articles)
    same = sorted(
        session.scalars(select(Law).where(Law.short_title == short_name(name))),
        key=lambda law: (_begins(law), law.published_on),
    )
    after = next((law for law in same if _begins(law) == begins), None)
    if after is None or not keys:
        return None
    earlier = [law for law in same if _begins(law) < begins]
    texts = {law.id: _articles(session, law, keys) for law in (after, *earlier)}
    before = next((law for law in reversed(earlier) if texts[law.id] is not None), None)
    new = texts[after.id]
    old = texts[before.id] if before else None
    if before is None or new is None or old is None:
        return None
    pairs = []
    for key in keys:
        number = (new.get(key) or old.get(key) or (f"第{key}条", ""))[0]
        pairs.append(Compared(number, old.get(key, ("", ""))[1], new.get(key, ("", ""))[1]))
    return Versions(before, after, pairs)


def _begins(law: Law) -> date:
    return LawVersion(law.title, law.published_on, law.effective_on, law.status).begins


def _articles(session: Session, law: Law, keys: Sequence[str]) -> dict[str, tuple[str, str]] | None:
    """Key → (number, text) of these articles; None if no text of the law is loaded."""
    texts = session.scalars(select(LawText.id).where(LawText.law_id == law.id)).all()
    if not texts:
        return None
    rows = session.execute(
        select(LawArticle.key, LawArticle.number, LawArticle.text)
        .where(LawArticle.text_id.in_(texts), LawArticle.key.in_(keys))
        .order_by(LawArticle.id)
    )
    return {key: (number, text) for key, number, text in rows}
