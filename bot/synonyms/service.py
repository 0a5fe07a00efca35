"""Reads and edits the synonyms."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.language.text import normalise
from bot.synonyms.models import Synonym

# A single character occurs in too many words.
SHORTEST_WRITTEN = 2


class SynonymRefused(ValueError):
    """The pair cannot be used; the message is in Chinese because a clerk reads it."""


class NoSuchSynonym(LookupError):
    """There is no synonym with this wording."""


def synonyms(session: Session) -> dict[str, str]:
    """Wording → the name that it is read as, ordered by wording."""
    return dict(session.execute(select(Synonym.written, Synonym.means).order_by(Synonym.written)).all())


def replace_synonyms(session: Session, pairs: Mapping[str, str]) -> None:
    """Replaces all synonyms by `pairs`, which must be normalised, without defects (`defect`) and without chains."""
    session.execute(delete(Synonym))
    session.add_all(Synonym(written=written, means=means) for written, means in pairs.items())
    session.flush()


def add_synonym(session: Session, written: str, means: str) -> None:
    """Adds a pair, or changes the name of an existing wording.

    Raises:
        SynonymRefused: the pair has a defect (`defect`), or makes a chain with another.
    """
    written, means = normalise(written), normalise(means)
    reason = defect(written, means)
    if reason:
        raise SynonymRefused(reason)
    links = chains({**synonyms(session), written: means})
    if links:
        raise SynonymRefused("；".join(links.values()))
    session.merge(Synonym(written=written, means=means))
    session.flush()


def remove_synonym(session: Session, written: str) -> None:
    """Removes a synonym. Raises `NoSuchSynonym`."""
    found = session.get(Synonym, normalise(written))
    if found is None:
        raise NoSuchSynonym(written)
    session.delete(found)
    session.flush()


def defect(written: str, means: str) -> str | None:
    """Why a normalised pair cannot be used, apart from other pairs; None if it can."""
    if len(written) < SHORTEST_WRITTEN:
        return f"“{written}”太短，至少 {SHORTEST_WRITTEN} 个字"
    if not means:
        return "统一说法不能为空"
    if written == means:
        return "写法和统一说法相同"
    return None


def chains(pairs: Mapping[str, str]) -> dict[str, str]:
    """Wording → why its pair is part of a chain: its name contains a wording of another pair.

    Search replaces wordings only once, so the first wording of a chain would not get its last name.
    """
    return {
        written: f"统一说法“{means}”里的“{link}”又是另一条的写法（{link} → {pairs[link]}）"
        for written, means in pairs.items()
        for link in [next((other for other in pairs if other in means), None)]
        if link
    }
