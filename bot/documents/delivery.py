"""Documents that the city's publishing system delivers by itself, under its own identifiers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.documents import changes
from bot.documents.editing import read_upload
from bot.documents.importer import digest_of, store_document
from bot.documents.models import Document, Version
from bot.documents.reader import ReadDocument

_FOLDER = "api"


class DeliveryOutcome(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Delivered:
    outcome: DeliveryOutcome
    document: Document


@dataclass(frozen=True)
class Delivery:
    """A file, with particulars that go before what is found in it (`bot.documents.content.Particulars`)."""

    name: str
    data: bytes
    particulars: Mapping[str, object]

    @property
    def digest(self) -> str:
        return digest_of(self.data, self._beside)

    def read(self) -> ReadDocument:
        """Reads the file in a process with limits. Raises `DocumentRefused`."""
        return read_upload(self.name, self.data, self._beside)

    @property
    def _beside(self) -> bytes:
        """The particulars as the `.yaml` file beside a document has them; JSON is YAML."""
        given = {name: value for name, value in self.particulars.items() if value is not None}
        return json.dumps(given, ensure_ascii=False, sort_keys=True).encode() if given else b""


def delivered_as(session: Session, identifier: str) -> Document | None:
    """The document that was delivered under this identifier, withdrawn or not."""
    return session.scalars(select(Document).where(Document.key == _key(identifier))).one_or_none()


def unchanged(session: Session, identifier: str, digest: str) -> Document | None:
    """The document, if just this was delivered before and has not been withdrawn since."""
    document = delivered_as(session, identifier)
    same = document is not None and document.withdrawn_at is None and _digest(session, document) == digest
    return document if same else None


def store(session: Session, identifier: str, delivery: Delivery, read: ReadDocument, *, who: str) -> Delivered:
    """Stores what was read. The same number (文号) and content under two identifiers is one document."""
    if twin := _twin(session, _key(identifier), read.particulars.number, delivery.digest):
        return Delivered(DeliveryOutcome.UNCHANGED, twin)
    is_new = delivered_as(session, identifier) is None
    document = store_document(session, _key(identifier), read, delivery.digest, who=who)
    return Delivered(DeliveryOutcome.ADDED if is_new else DeliveryOutcome.CHANGED, document)


def withdraw(session: Session, identifier: str, *, who: str, at: datetime) -> Document | None:
    """Withdraws the document; None if nothing was delivered under this identifier."""
    document = delivered_as(session, identifier)
    if document is not None:
        changes.withdraw(session, document, who=who, at=at)
    return document


def _twin(session: Session, key: str, number: str | None, digest: str) -> Document | None:
    if not number:
        return None
    alike = (
        select(Document)
        .join(Version, Version.document_id == Document.id)
        .where(Version.number == Document.current_version, Version.digest == digest)
        .where(Document.number == number, Document.key != key, Document.withdrawn_at.is_(None))
    )
    return session.scalars(alike).first()


def _digest(session: Session, document: Document) -> str | None:
    current = select(Version.digest).where(Version.document_id == document.id)
    return session.scalars(current.where(Version.number == document.current_version)).one_or_none()


def _key(identifier: str) -> str:
    return f"{_FOLDER}/{identifier}"
