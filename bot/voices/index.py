"""Finds published letters by what they are about, with the search of the documents (`bot.documents.search`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.documents.search import GOOD_ENOUGH, WORTH_A_LOOK, DocumentIndex, IndexedPassage
from bot.documents.stored_index import content_of, fingerprints_with, in_use
from bot.documents.words import TermReader
from bot.language.text import bare
from bot.search.index_folder import Whole
from bot.search.kept import Content, KeptIndex, Source
from bot.search.segments import Group
from bot.search.words import telling_words
from bot.settings import Settings
from bot.synonyms.service import synonyms
from bot.voices.models import PublicLetter
from bot.voices.public import ListedLetter, letters_by_id, listed_letters

MOST_ALIKE = 3
_MOST_FOUND = 200
_LOOKED_AT = 10
_CLAUSE_ENDS = re.compile(r"[，。；！？,;!?\n]+")
_MOST_CLAUSES = 15
# See `is_about_same`. “小区” alone says too little.
_LEAST_TELLING, _MOSTLY_TOLD, _SAME, _SAME_OF_CLAUSE = 4, 0.65, 0.9, 1.1


@dataclass(frozen=True)
class LettersFound:
    """`is_near_only`: none of them has the words or answers the question; they only come near."""

    letters: list[ListedLetter]
    is_near_only: bool = False


def letters_found(session: Session, text: str) -> LettersFound:
    """The published letters whose title has the text or that are about it, best first; all if there is no text."""
    letters = listed_letters(session)
    if not text:
        return LettersFound(letters)
    wanted = bare(text)
    # Normalising a thousand whole letters would take a second.
    named = [one.id for one in letters if wanted and (wanted in bare(one.title) or text in one.question)]
    hits = [hit for hit in INDEX.serving(session).search(text, _MOST_FOUND) if hit.score >= WORTH_A_LOOK]
    by_id = {one.id: one for one in letters}
    found = dict.fromkeys([*named, *(hit.passage_id for hit in hits)])
    is_near = not named and not any(hit.score >= GOOD_ENOUGH for hit in hits)
    return LettersFound([by_id[letter_id] for letter_id in found if letter_id in by_id], is_near)


def alike(session: Session, text: str, count: int = MOST_ALIKE) -> list[PublicLetter]:
    """Published letters that are likely about the same as a question or a letter, best first.

    Of a letter each clause is compared by itself, since the matter is told in one and the rest is around it.
    """
    if session.scalar(select(PublicLetter.id).limit(1)) is None:
        return []
    whole, *clauses = clauses_of(text)
    letters = letters_by_id(session, near(INDEX.serving(session), [whole, *clauses]))
    return [one for one in letters if is_about_same(whole, one.title, one.question, clauses)][:count]


def clauses_of(text: str) -> list[str]:
    """The text, and behind it its clauses."""
    return list(dict.fromkeys([text, *_CLAUSE_ENDS.split(text)]))[:_MOST_CLAUSES]


def near(index: DocumentIndex, texts: Sequence[str]) -> list[int]:
    """The ids of what is near any of the texts, those of the first text first."""
    hits = [hit.passage_id for text in texts for hit in index.search(text, _LOOKED_AT) if hit.score >= GOOD_ENOUGH]
    return list(dict.fromkeys(hits))


def is_about_same(text: str, title: str, question: str, clauses: Sequence[str] = ()) -> bool:
    """Whether a text, or one of its clauses, tells little that the letter does not, and has some of the letter's title.

    Compares the characters of the words that say what it is about. Of 15 questions about one of twelve letters, written
    for this, 14 find it; so do 3 of 20 others, which ask something else of the same matter. A clause is only a part of
    what is told, so it needs more of the title: of the 300 labelled letters, which are about other matters, 3 find one.
    """
    named, told = _telling(title), _telling(f"{title}\n{question}")
    if not named:
        return False

    def fits(part: str, least: float) -> bool:
        asked = _telling(part)
        if len(asked) < _LEAST_TELLING:
            return False
        share = len(asked & told) / len(asked)
        return share >= _MOSTLY_TOLD and share + len(asked & named) / len(named) >= least

    return fits(text, _SAME) or any(fits(clause, _SAME_OF_CLAUSE) for clause in clauses)


def _telling(text: str) -> frozenset[str]:
    return frozenset("".join(telling_words(text)))


def index_of_questions(
    passages: Callable[[Session], list[IndexedPassage]],
    revision: Callable[[Session], object],
    folder: Callable[[Settings], Path],
) -> KeptIndex[DocumentIndex]:
    """An index of what citizens asked. `revision`: a value that changes with `passages`, cheap to read."""

    def content(session: Session) -> Content:
        asked, names = passages(session), synonyms(session)
        by_fingerprint = dict(zip(fingerprints_with(names, asked), asked, strict=True))
        return content_of(
            tuple(by_fingerprint),
            len(asked),
            names,
            lambda fingerprints: (Group(each, [by_fingerprint[each]]) for each in fingerprints),
        )

    return KeptIndex(Source(lambda session: (revision(session), synonyms(session)), content, _in_use, folder))


def _in_use(whole: Whole, _: Settings) -> DocumentIndex:
    return in_use(whole, TermReader)


def _passages(session: Session) -> list[IndexedPassage]:
    rows = session.scalars(select(PublicLetter).order_by(PublicLetter.id))
    return [IndexedPassage(one.id, f"letter {one.id}", one.title, "", "", one.question, True) for one in rows]


def _revision(session: Session) -> object:
    published = select(func.count(), func.sum(PublicLetter.id), func.max(PublicLetter.published_at))
    return tuple(session.execute(published).one())


INDEX = index_of_questions(_passages, _revision, lambda settings: settings.letters_index_path)
