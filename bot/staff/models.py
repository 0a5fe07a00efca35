"""Tables of staff, their sign-ins and the audit log. Entries of the log never change and are deleted by age only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.catalogue.models import Department
from bot.db import Base, UTCDateTime


class Person(Base):
    """A member of staff. `login` never changes, since the audit log names it; people who leave stay as inactive.

    `role` is one of `bot.staff.roles.Role`. `totp_sealed` is the sealed secret of the second factor (`bot.sealing`),
    null without one. `must_change_password`: somebody else chose the password, so the person has to change it at the
    next sign-in. `department_code`: the department that a person with the role department answers for.
    """

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    department_code: Mapped[str | None] = mapped_column(ForeignKey("departments.code"))
    password_hash: Mapped[str | None]
    totp_sealed: Mapped[str | None]
    is_active: Mapped[bool]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    signed_in_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    department: Mapped[Department | None] = relationship(lazy="joined")


class SignInFailure(Base):
    """A wrong password or code. `client`: as `bot.staff.devices.Client.counted_as` gives it."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index("ix_sign_in_failures_person_id_client", "person_id", "client"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    client: Mapped[str]
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class SignIn(Base):
    """A session in a browser. `token_hash`: SHA-256 of the cookie, so a copy of the table does not let anybody in."""

    __tablename__ = "sign_ins"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    csrf_token: Mapped[str]
    began_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)

    person: Mapped[Person] = relationship(lazy="joined")


class AuditEntry(Base):
    """Somebody saw or changed something. `subject`: a receipt, a case, an item, …; `why`: the reason or the details."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    who: Mapped[str] = mapped_column(index=True)
    action: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    why: Mapped[str] = mapped_column(Text)
