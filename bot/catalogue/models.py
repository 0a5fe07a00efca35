"""Approval items (政务服务事项) and joint services (一件事), with every element of the national 实施清单."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import JSON

from bot.catalogue.time_limits import TimeLimit, TimeUnit
from bot.db import Base

# Where an item is applied for online, and where a number for the window is booked (`Item.particulars`).
ONLINE_ADDRESS, BOOKING_ADDRESS = "在线办理地址", "预约地址"


class City(Base):
    """The one city that this database serves."""

    __tablename__ = "city"

    name: Mapped[str] = mapped_column(primary_key=True)
    is_sample: Mapped[bool]
    hotline: Mapped[str]
    hotline_hours: Mapped[str]
    portal_url: Mapped[str]


class Department(Base):
    __tablename__ = "departments"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    short_names: Mapped[list[str]] = mapped_column(JSON)
    phone: Mapped[str]


class CityDistrict(Base):
    """A district (区县) of the city, or a zone that the city counts as one.

    `aliases`: what people call it. `streets`: each street (街道、乡镇) with the roads and communities that belong to
    it.
    """

    __tablename__ = "districts"

    name: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    aliases: Mapped[list[str]] = mapped_column(JSON)
    streets: Mapped[dict[str, list[str]]] = mapped_column(JSON)


class Office(Base):
    """A place that people go to, with its address, hours and phone.

    `branch_of`: the office whose items are done here too. `district`: where it lies, empty where the city says nothing.
    `streets`: the streets that it serves, empty if it serves all of its district. `duty`: what is done here.
    """

    __tablename__ = "offices"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    address: Mapped[str]
    hours: Mapped[str]
    phone: Mapped[str]
    directions: Mapped[str]
    branch_of: Mapped[str | None] = mapped_column(ForeignKey("offices.code", ondelete="CASCADE"), index=True)
    district: Mapped[str] = mapped_column(default="", server_default="")
    streets: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    duty: Mapped[str] = mapped_column(Text, default="", server_default="")
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]


class RemedyOffice(Base):
    """Where a remedy against an agency is sought: who decides it, and where papers are handed in.

    `way` is one of `bot.catalogue.remedies.Way`. Without `department_code` the row is for every department that has
    none of its own for that way. `received_by`, `address`, `phone` and `url` may be empty.
    """

    __tablename__ = "remedy_offices"
    __table_args__ = (UniqueConstraint("way", "department_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    way: Mapped[str]
    department_code: Mapped[str | None] = mapped_column(ForeignKey("departments.code", ondelete="CASCADE"))
    organ: Mapped[str]
    received_by: Mapped[str]
    address: Mapped[str]
    phone: Mapped[str]
    url: Mapped[str]


class _Promises:
    """What promises to be done within a time, `promised_days` counted in `promised_unit`."""

    promised_days: Mapped[int]
    promised_unit: Mapped[str] = mapped_column(
        default=TimeUnit.WORKING_DAYS.value, server_default=TimeUnit.WORKING_DAYS.value
    )

    @property
    def promised(self) -> TimeLimit:
        return TimeLimit(self.promised_days, TimeUnit(self.promised_unit or TimeUnit.WORKING_DAYS))

    @promised.setter
    def promised(self, limit: TimeLimit) -> None:
        self.promised_days, self.promised_unit = limit.count, limit.unit.value


class Item(_Promises, Base):
    """An approval item. `statutory_days` are working days; `promised_days` are counted in `promised_unit`.

    `window` may be empty. `particulars`: what the national list says besides (行使层级, 通办范围), and where one
    applies or books online, by headings.
    `districts`: where alone it is done, by name of the district or `bot.catalogue.districts.MAIN_OFFICE`; empty if
    every branch of its office does it.
    """

    __tablename__ = "items"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    department_code: Mapped[str] = mapped_column(ForeignKey("departments.code"), index=True)
    applicant: Mapped[str]
    summary: Mapped[str] = mapped_column(Text)
    conditions: Mapped[list[str]] = mapped_column(JSON)
    statutory_days: Mapped[int | None]
    statutory_note: Mapped[str]
    has_fee: Mapped[bool]
    fee: Mapped[str]
    fee_basis: Mapped[str]
    office_code: Mapped[str] = mapped_column(ForeignKey("offices.code"))
    window: Mapped[str]
    channel: Mapped[str]
    online_note: Mapped[str] = mapped_column(Text)
    visit_count: Mapped[int]
    result: Mapped[str]
    result_validity: Mapped[str]
    delivery: Mapped[str]
    complaints_phone: Mapped[str]
    recorded_on: Mapped[date]
    note: Mapped[str] = mapped_column(Text)
    particulars: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    districts: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")

    @property
    def online_address(self) -> str:
        """Where it is applied for online; empty if the city does not say."""
        return (self.particulars or {}).get(ONLINE_ADDRESS, "")

    @property
    def booking_address(self) -> str:
        """Where a number for the window is booked; empty if the city does not say."""
        return (self.particulars or {}).get(BOOKING_ADDRESS, "")

    @property
    def other_particulars(self) -> dict[str, str]:
        """What the national list says besides, without the addresses."""
        return {
            heading: value
            for heading, value in (self.particulars or {}).items()
            if heading not in (ONLINE_ADDRESS, BOOKING_ADDRESS)
        }

    department: Mapped[Department] = relationship(lazy="joined")
    office: Mapped[Office] = relationship(lazy="joined")
    materials: Mapped[list[Material]] = relationship(
        order_by="Material.position", cascade="all, delete-orphan", lazy="selectin"
    )
    steps: Mapped[list[Step]] = relationship(order_by="Step.position", cascade="all, delete-orphan", lazy="selectin")
    legal_bases: Mapped[list[LegalBasis]] = relationship(
        order_by="LegalBasis.position", cascade="all, delete-orphan", lazy="selectin"
    )
    situations: Mapped[list[Situation]] = relationship(
        order_by="Situation.question_number, Situation.position", cascade="all, delete-orphan", lazy="selectin"
    )


class Material(Base):
    """A document that the applicant hands in.

    Where the city's list only names it, `form`, `issuer` and `waiver` are empty and `copies` is 0.
    `waiver` says whether a written promise (告知承诺) or an electronic licence (电子证照) can replace it.
    `is_required` is false if only some cases need it; `note` says which.
    `situations`: the titles of the cases that need it; empty means every case.
    """

    __tablename__ = "materials"
    __table_args__ = (UniqueConstraint("item_code", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_code: Mapped[str] = mapped_column(ForeignKey("items.code", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    name: Mapped[str]
    form: Mapped[str]
    copies: Mapped[int]
    issuer: Mapped[str]
    waiver: Mapped[str]
    is_required: Mapped[bool]
    situations: Mapped[list[str]] = mapped_column(JSON)
    note: Mapped[str]


class Situation(Base):
    """One case of an item (适用情形): an option of one of its questions, and what is different in that case.

    `conditions` and `steps` are added to those of the item; `fee`, if not empty, replaces that of the item.
    `is_elsewhere`: this item does not cover the case, and `note` says where to go instead.
    """

    __tablename__ = "situations"
    __table_args__ = (UniqueConstraint("item_code", "title"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_code: Mapped[str] = mapped_column(ForeignKey("items.code", ondelete="CASCADE"), index=True)
    question_number: Mapped[int]
    question: Mapped[str]
    position: Mapped[int]
    title: Mapped[str]
    keywords: Mapped[list[str]] = mapped_column(JSON)
    conditions: Mapped[list[str]] = mapped_column(JSON)
    fee: Mapped[str]
    steps: Mapped[list[str]] = mapped_column(JSON)
    is_elsewhere: Mapped[bool]
    note: Mapped[str] = mapped_column(Text)


class Step(Base):
    __tablename__ = "steps"
    __table_args__ = (UniqueConstraint("item_code", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_code: Mapped[str] = mapped_column(ForeignKey("items.code", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    name: Mapped[str]
    detail: Mapped[str] = mapped_column(Text)
    time: Mapped[str]


class LegalBasis(Base):
    __tablename__ = "legal_bases"
    __table_args__ = (UniqueConstraint("item_code", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_code: Mapped[str] = mapped_column(ForeignKey("items.code", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    law: Mapped[str]
    article: Mapped[str]
    gist: Mapped[str] = mapped_column(Text)


class JointService(_Promises, Base):
    """Several items that are applied for together (一件事一次办)."""

    __tablename__ = "joint_services"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    department_code: Mapped[str] = mapped_column(ForeignKey("departments.code"))
    item_codes: Mapped[list[str]] = mapped_column(JSON)
    summary: Mapped[str] = mapped_column(Text)
    steps: Mapped[list[str]] = mapped_column(JSON)
    material_notes: Mapped[list[str]] = mapped_column(JSON)
    office_code: Mapped[str] = mapped_column(ForeignKey("offices.code"))
    window: Mapped[str]
    channel: Mapped[str]
    complaints_phone: Mapped[str]
    recorded_on: Mapped[date]

    department: Mapped[Department] = relationship(lazy="joined")
    office: Mapped[Office] = relationship(lazy="joined")


class Alias(Base):
    """Another name for exactly one item or joint service."""

    __tablename__ = "aliases"
    __table_args__ = (UniqueConstraint("code", "text"), Index("ix_aliases_code", "code"))

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    text: Mapped[str]


class Related(Base):
    """Something that people often need after an item.

    `target` is the code of an item or joint service, or the title of a document. `reason` says why in a few words, and
    is part of the answer.
    """

    __tablename__ = "related"
    __table_args__ = (UniqueConstraint("item_code", "target"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_code: Mapped[str] = mapped_column(ForeignKey("items.code", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    target: Mapped[str]
    reason: Mapped[str]


class AbsentMatter(Base):
    """A matter that people ask for but that is not in the catalogue, with the body in charge, if known.

    It is listed so that questions about it are recognised and not answered with a similar item.
    """

    __tablename__ = "absent_matters"

    name: Mapped[str] = mapped_column(primary_key=True)
    aliases: Mapped[list[str]] = mapped_column(JSON)
    in_charge: Mapped[str]
    note: Mapped[str] = mapped_column(Text)
