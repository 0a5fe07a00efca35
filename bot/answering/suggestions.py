"""Proposals while a citizen types: items, joint services, documents, and the usual questions about items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue import service as catalogue
from bot.documents.models import Document
from bot.replies.front_page import FIRST_QUESTIONS, SERVICES, question
from bot.search.type_ahead import TypeAhead

# Of what is typed; no name is longer.
LONGEST_QUERY = 40
# The facets that are asked most; more would hide the names.
_FACETS = ("materials", "place", "fee", "time_limit")


@dataclass(frozen=True)
class Proposed:
    """`title` is shown, `say` is asked if it is chosen. `kind`: item, joint, document or question."""

    title: str
    kind: str
    say: str


def suggestions(session: Session) -> TypeAhead[Proposed]:
    """Names before aliases, and questions last, where they fit equally well."""
    return TypeAhead(_phrases(session))


def _phrases(session: Session) -> Iterator[tuple[str, Proposed]]:
    items = catalogue.item_names(session)
    matters = {item.code: Proposed(item.name, "item", question(item.name, "overview")) for item in items}
    for joint in catalogue.all_joint_services(session):
        matters[joint.code] = Proposed(joint.name, "joint", question(joint.name, "process"))
    yield from ((matter.title, matter) for matter in matters.values())
    aliases = [alias for alias in catalogue.aliases(session) if alias.code in matters]
    yield from ((alias.text, matters[alias.code]) for alias in aliases)
    for words in (*FIRST_QUESTIONS, *(say for _, say in SERVICES)):
        yield words, Proposed(words, "question", words)
    for title in session.scalars(select(Document.title).where(Document.in_force).order_by(Document.title)):
        yield title, Proposed(title, "document", f"《{title}》")
    for item in items:
        for facet in _FACETS:
            asked = question(item.name, facet)
            yield asked, Proposed(asked, "question", asked)
