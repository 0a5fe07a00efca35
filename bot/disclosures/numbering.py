"""Gives out receipt numbers. Each year has its own counter; an imported number cannot move it up too far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from itertools import count, islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db import added, locked
from bot.disclosures.models import ReceiptCounter, Request

LAST_SERIAL = 999_999
# An imported register may have gaps, such as numbers given out on paper. A larger gap is taken for a typing mistake.
MOST_UNUSED = 10_000
_LOOKED_UP_AT_ONCE = 500


class ReceiptRefused(ValueError):
    """The number is not allowed; the message says why, in Chinese."""


@dataclass(frozen=True)
class Number:
    """A receipt, split into year and serial number."""

    year: int
    serial: int

    @classmethod
    def of(cls, receipt: str) -> Number:
        """`receipt` is canonical: `XXGK-2026-000123`."""
        _, year, serial = receipt.split("-")
        return cls(int(year), int(serial))

    def __str__(self) -> str:
        return f"XXGK-{self.year}-{self.serial:06d}"


def next_receipt(session: Session, year: int) -> str:
    """The first free receipt from the counter of the year on. Locks the counter until the transaction ends.

    Raises:
        ReceiptRefused: all numbers up to the last one are taken.
    """
    counter = _locked_counter(session, year)
    number = Number(year, counter.next_serial)
    while number.serial <= LAST_SERIAL and _is_taken(session, str(number)):
        number = Number(year, number.serial + 1)
    if number.serial > LAST_SERIAL:
        raise ReceiptRefused(f"{year} 年的回执号已经编到最后一个，请先改编号起点（disclosures numbering）")
    counter.next_serial = number.serial + 1
    session.flush()
    return str(number)


def too_high(session: Session, receipts: Iterable[str]) -> dict[str, str]:
    """The new receipts that are too far above the counter of their year, each with an error message in Chinese.

    Too far: more than `MOST_UNUSED` numbers between the counter and the receipt would stay unused.
    """
    refused = {}
    for year, serials in _by_year(receipts).items():
        last = next_serial(session, year) - 1
        above = [serial for serial in serials if serial > last]
        for used, serial in enumerate(above):
            if serial - last - 1 - used > MOST_UNUSED:
                refused[str(Number(year, serial))] = (
                    f"比 {year} 年已经编到的 {last:06d} 高出太多，看看是不是写错了；"
                    "确实要从这一段接着编，请先改编号起点（disclosures numbering）"
                )
    return refused


def note_taken(session: Session, receipts: Iterable[str]) -> None:
    """Moves the counters beyond receipts that were not given out by `next_receipt`.

    Raises:
        ReceiptRefused: a receipt is too high.
    """
    receipts = list(receipts)
    for message in too_high(session, receipts).values():
        raise ReceiptRefused(message)
    for year, serials in _by_year(receipts).items():
        if serials[-1] >= next_serial(session, year):
            counter = _locked_counter(session, year)
            counter.next_serial = max(counter.next_serial, serials[-1] + 1)
    session.flush()


def next_serial(session: Session, year: int) -> int:
    counter = session.get(ReceiptCounter, year)
    return counter.next_serial if counter is not None else 1


def start_at(session: Session, year: int, serial: int) -> None:
    """Sets the serial number from which the receipts of the year continue; taken numbers are skipped.

    Raises:
        ReceiptRefused: the serial number is out of range.
    """
    if not 1 <= serial <= LAST_SERIAL:
        raise ReceiptRefused(f"序号要在 1 到 {LAST_SERIAL} 之间")
    _locked_counter(session, year).next_serial = serial
    session.flush()


class FreeReceipts:
    """Hands out receipts that nothing has yet, from the counters on, without moving the counters.

    `taken`: further receipts that are not free.
    """

    def __init__(self, session: Session, taken: Set[str]) -> None:
        self._session = session
        self._taken = taken
        self._years: dict[int, Iterator[str]] = {}

    def next(self, year: int) -> str:
        if year not in self._years:
            self._years[year] = self._free(year)
        return next(self._years[year])

    def _free(self, year: int) -> Iterator[str]:
        serials = count(next_serial(self._session, year))
        while True:
            some = [str(Number(year, serial)) for serial in islice(serials, _LOOKED_UP_AT_ONCE)]
            stored = set(self._session.scalars(select(Request.receipt).where(Request.receipt.in_(some))))
            yield from (receipt for receipt in some if receipt not in stored and receipt not in self._taken)


def _by_year(receipts: Iterable[str]) -> dict[int, list[int]]:
    years: dict[int, list[int]] = defaultdict(list)
    for number in map(Number.of, receipts):
        years[number.year].append(number.serial)
    return {year: sorted(serials) for year, serials in years.items()}


def _is_taken(session: Session, receipt: str) -> bool:
    return session.scalar(select(Request.receipt).where(Request.receipt == receipt)) is not None


def _locked_counter(session: Session, year: int) -> ReceiptCounter:
    counter = locked(session, ReceiptCounter, year)
    if counter is None:
        added(session, ReceiptCounter(year=year, next_serial=1))
        counter = locked(session, ReceiptCounter, year)
    if counter is None:
        raise LookupError(f"the counter of {year} is gone")
    return counter
