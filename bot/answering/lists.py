"""Lists of results for a search: items and documents, found by the same evidence as an answer in the conversation."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.answering.service import LIKELY, NearUnits, answering
from bot.answering.units import Sort
from bot.catalogue import service as catalogue
from bot.catalogue.directory import ListedItem, item_directory
from bot.catalogue.models import AbsentMatter
from bot.documents.directory import ListedDocument, document_directory
from bot.documents.service import FoundPassage, found
from bot.language.text import bare
from bot.search.filters import Listing

# Below this probability that one of the first three units helps, what comes near is not worth showing.
_WORTH_SHOWING = 0.2


@dataclass(frozen=True)
class ItemResults:
    """`joints`: code → name of the joint services found. `absent`: a matter that is not offered here, if the text means
    one. `is_near_only`: nothing is named by the text or answers it; what is listed only comes near.
    """

    items: Listing[ListedItem]
    joints: dict[str, str]
    absent: AbsentMatter | None = None
    is_near_only: bool = False


@dataclass(frozen=True)
class DocumentResults:
    """`passages`: document id → the passage that answers best."""

    documents: Listing[ListedDocument]
    passages: dict[int, FoundPassage]
    is_near_only: bool = False


def items_found(session: Session, text: str) -> ItemResults:
    """The items that a text names or asks about, best first; all items by code if there is no text."""
    known = item_directory(session)
    if not text:
        return ItemResults(known.items, {})
    by_code, near = known.by_code, _near(session, text)
    exactly, named = known.names.exactly(text), known.names.containing(text)
    own = [code for code in exactly if bare(text) in (bare(code), bare(by_code[code].name))]
    meant = [unit.key for unit in near.units if unit.sort is Sort.ITEM]
    listed = dict.fromkeys([*own, *meant, *exactly, *named])
    joints = [unit.key for unit in near.units if unit.sort is Sort.JOINT]
    first = near.units[0] if near.units else None
    return ItemResults(
        items=Listing([by_code[code] for code in listed if code in by_code]),
        joints=catalogue.names_of(session, joints),
        absent=catalogue.absent_matter(session, first.key) if first and first.sort is Sort.ABSENT else None,
        is_near_only=not named and near.any < LIKELY,
    )


def documents_found(session: Session, text: str) -> DocumentResults:
    """The documents that a text names by title or number or that answer it, best first; all if there is no text."""
    known = document_directory(session)
    if not text:
        return DocumentResults(known.documents, {})
    near, named = _near(session, text), known.names.containing(text)
    passages = [int(unit.key) for unit in near.units if unit.sort is Sort.PASSAGE]
    best = {one.document.id: one for one in found(session, text, passages)}
    listed = [known.by_id[number] for number in dict.fromkeys([*named, *best]) if number in known.by_id]
    return DocumentResults(Listing(listed), best, not named and near.any < LIKELY)


def _near(session: Session, text: str) -> NearUnits:
    near = answering(session).near(text)
    return near if near.any >= _WORTH_SHOWING else NearUnits()
