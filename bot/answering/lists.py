"""Lists of results for a search: items and documents, found by the same evidence as an answer in the conversation."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.answering.service import LIKELY, NearUnits, answering
from bot.answering.units import Sort
from bot.catalogue import service as catalogue
from bot.catalogue.directory import ListedItem, listed_items, named_by
from bot.catalogue.models import AbsentMatter
from bot.documents.directory import ListedDocument, listed_documents
from bot.documents.service import FoundPassage, found
from bot.language.text import bare

# Below this probability that one of the first three units helps, what comes near is not worth showing.
_WORTH_SHOWING = 0.2


@dataclass(frozen=True)
class ItemResults:
    """`joints`: code → name of the joint services found. `absent`: a matter that is not offered here, if the text means
    one. `is_near_only`: nothing is named by the text or answers it; what is listed only comes near.
    """

    items: list[ListedItem]
    joints: dict[str, str]
    absent: AbsentMatter | None = None
    is_near_only: bool = False


@dataclass(frozen=True)
class DocumentResults:
    """`passages`: document id → the passage that answers best."""

    documents: list[ListedDocument]
    passages: dict[int, FoundPassage]
    is_near_only: bool = False


def items_found(session: Session, text: str) -> ItemResults:
    """The items that a text names or asks about, best first; all items by code if there is no text."""
    items = listed_items(session)
    if not text:
        return ItemResults(items, {})
    named, near = named_by(session, items, text), _near(session, text)
    by_code = {item.code: item for item in items}
    meant = [unit.key for unit in near.units if unit.sort is Sort.ITEM]
    exact = [item.code for item in named if bare(text) in (bare(item.code), bare(item.name))]
    listed = dict.fromkeys([*exact, *meant, *(item.code for item in named)])
    joints = [unit.key for unit in near.units if unit.sort is Sort.JOINT]
    first = near.units[0] if near.units else None
    return ItemResults(
        items=[by_code[code] for code in listed if code in by_code],
        joints=catalogue.names_of(session, joints),
        absent=catalogue.absent_matter(session, first.key) if first and first.sort is Sort.ABSENT else None,
        is_near_only=not named and near.any < LIKELY,
    )


def documents_found(session: Session, text: str) -> DocumentResults:
    """The documents that a text names by title or number or that answer it, best first; all if there is no text."""
    documents = listed_documents(session)
    if not text:
        return DocumentResults(documents, {})
    wanted, near = bare(text), _near(session, text)
    named = [one.id for one in documents if wanted and (wanted in bare(one.title) or wanted in bare(one.number or ""))]
    passages = [int(unit.key) for unit in near.units if unit.sort is Sort.PASSAGE]
    best = {one.document.id: one for one in found(session, text, passages)}
    by_id = {one.id: one for one in documents}
    return DocumentResults(
        [by_id[number] for number in dict.fromkeys([*named, *best])], best, not named and near.any < LIKELY
    )


def _near(session: Session, text: str) -> NearUnits:
    near = answering(session).near(text)
    return near if near.any >= _WORTH_SHOWING else NearUnits()
