"""Published documents, each with all versions that were imported, and the passages of each version."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Text, UniqueConstraint, exists
from sqlalchemy.orm import Mapped, column_property, mapped_column

from bot.db import Base, UTCDateTime


class ChangeKind(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    RECOGNISED = "recognised"


class DocumentChange(Base):
    """What happened to a document. `version`: the current one afterwards. `who`: empty for what was stored long ago.

    `RECOGNISED`: the text of this version was read from a scan.
    """

    __tablename__ = "document_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    who: Mapped[str]
    kind: Mapped[str]
    version: Mapped[int]


class Document(Base):
    """A published document. `key` is its path under the imported folder, or `uploads/<name>`.

    `number` is the 文号. `current_version` is the number of the version that search uses. `states_force`: the file
    or a person states whether it is in force. If not, `in_force` is true, so that search does not rank it lower, but
    nobody is told that it is in force. `withdrawn_at`: since then it is quoted no more. `source`: the watched folder
    that it comes from, empty if it was stored otherwise.
    """

    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(index=True)
    number: Mapped[str | None]
    issuer: Mapped[str | None]
    published_on: Mapped[date | None]
    effective_on: Mapped[date | None]
    in_force: Mapped[bool]
    states_force: Mapped[bool]
    repealed_on: Mapped[date | None]
    repealed_by: Mapped[str | None]
    url: Mapped[str | None]
    current_version: Mapped[int] = mapped_column()
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    source: Mapped[str] = mapped_column(default="", server_default="")
    # Whether the text of the current version was recognised from a scan, so that it may have errors.
    is_recognised: Mapped[bool] = column_property(
        exists()
        .where(
            DocumentChange.document_id == id,
            DocumentChange.version == current_version,
            DocumentChange.kind == ChangeKind.RECOGNISED.value,
        )
        .correlate_except(DocumentChange)
    )

    @property
    def force(self) -> bool | None:
        """Whether it is in force; None if nobody has said so. A repeal that is known is always said."""
        return False if not self.in_force else True if self.states_force else None


class Version(Base):
    """One version of a document. `digest` is the SHA-256 of its file and companion; marking as repealed keeps it."""

    __tablename__ = "document_versions"
    __table_args__ = (UniqueConstraint("document_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    number: Mapped[int]
    imported_at: Mapped[datetime] = mapped_column(UTCDateTime)
    digest: Mapped[str]


class Passage(Base):
    """An article, or a part of a section without articles. `article` as in the document: 第三十三条."""

    __tablename__ = "passages"
    __table_args__ = (UniqueConstraint("version_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("document_versions.id"))
    position: Mapped[int]
    heading: Mapped[str]
    article: Mapped[str | None]
    text: Mapped[str] = mapped_column(Text)
