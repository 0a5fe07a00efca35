"""The standing of a law on a day: in force, repealed, amended, not yet in force, unknown. Pure functions of rows.

A list of laws is as old as the day on which it was made. So its status alone does not decide: a law whose day has come
is in force, a newer version replaces the older one from its day on, and a repeal clause counts from the day it names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from bot.laws.citations import article_keys, is_local, short_name


class Kind(StrEnum):
    """The standing of a cited law. All but the first and the last raise a task for the owner of the record."""

    IN_FORCE = "in_force"
    REPEALED = "repealed"
    # A newer version took effect after the record was written.
    AMENDED = "amended"
    NOT_YET = "not_yet"
    # In force today, but the day is known from which it is repealed, or replaced by a newer version.
    ENDS = "ends"
    CHANGES = "changes"
    UNKNOWN = "unknown"
    # A rule of a province or city that is not among our documents: no national list can tell.
    LOCAL = "local"


NEEDS_A_LOOK = frozenset(Kind) - {Kind.IN_FORCE, Kind.LOCAL}

REPEALED, SUPERSEDED, UNKNOWN = "已废止", "已修改", ("", "未知")


@dataclass(frozen=True)
class LawVersion:
    """A law as published on a day. `status` as in the list, empty if the list does not have it."""

    title: str
    published_on: date
    effective_on: date | None
    status: str

    @property
    def begins(self) -> date:
        """The first day in force. The list and the texts of amended laws may give the day of the first version."""
        return max(self.effective_on or self.published_on, self.published_on)


@dataclass(frozen=True)
class Repeal:
    """A repeal clause: `by` is the title of the law that has it, in `article`, `on` the day from which."""

    part: str
    on: date
    by: str
    article: str


@dataclass(frozen=True)
class Standing:
    """`since`: the day from which, None if it is not known. `by`: the title of the law that brings the change."""

    kind: Kind
    since: date | None = None
    by: str = ""
    article: str = ""

    @property
    def needs_a_look(self) -> bool:
        return self.kind in NEEDS_A_LOOK


@dataclass(frozen=True)
class Laws:
    """What is known of laws, by short name (`citations.short_name`).

    `documents`: the standing of our own documents, by title. `city`: the name of our city.
    """

    versions: Mapping[str, Sequence[LawVersion]] = field(default_factory=dict)
    repeals: Mapping[str, Sequence[Repeal]] = field(default_factory=dict)
    documents: Mapping[str, Standing] = field(default_factory=dict)
    city: str = ""

    def standing(
        self, name: str, on: date, *, articles: str = "", year: int | None = None, written_on: date | None = None
    ) -> Standing:
        """The standing on the day `on` of the law that a record cites.

        Args:
            name: with or without 中华人民共和国.
            articles: the articles cited, as written. Only matters for a clause that repeals a part of a law.
            year: of the version that is cited.
            written_on: the day on which the record agreed with the law. None: nothing counts as amended since.
        """
        short = short_name(name)
        versions = sorted(self.versions.get(short, ()), key=lambda one: (one.begins, one.published_on))
        current = next((one for one in reversed(versions) if one.begins <= on), None)
        gone, going = self._repeals(short, current, articles, on)
        whole = next((one for one in gone if not one.part), None)
        if whole:
            return Standing(Kind.REPEALED, whole.on, whole.by, whole.article)
        if current is None and versions:
            return Standing(Kind.NOT_YET, versions[0].begins, versions[0].title)
        if current is None:
            return self._unlisted(name, short, on)
        if current.status == REPEALED:
            return Standing(Kind.REPEALED)
        if all(one.status in UNKNOWN for one in versions):
            return Standing(Kind.UNKNOWN)
        if going and not going[0].part:
            return Standing(Kind.ENDS, going[0].on, going[0].by, going[0].article)
        if gone:
            return Standing(Kind.AMENDED, gone[-1].on, gone[-1].by, gone[-1].article)
        later = next((one for one in versions if one.begins > on), None)
        if later is None and current.status == SUPERSEDED:
            return Standing(Kind.AMENDED)
        if year and year not in (current.published_on.year, current.begins.year):
            return Standing(Kind.AMENDED, current.begins, current.title)
        if written_on and _is_newer(current, versions, written_on):
            return Standing(Kind.AMENDED, current.begins, current.title)
        if later:
            return Standing(Kind.CHANGES, later.begins, later.title)
        return Standing(Kind.IN_FORCE, current.begins)

    def _repeals(
        self, short: str, current: LawVersion | None, articles: str, on: date
    ) -> tuple[list[Repeal], list[Repeal]]:
        """Those of the version in force that count already, and those to come; the earliest first.

        A clause means what was published before its day: a law of the same name that was made later stays in force.
        """
        cited = set(article_keys(articles))
        found = [
            one
            for one in sorted(self.repeals.get(short, ()), key=lambda one: (one.on, one.part))
            if (current is None or current.published_on < one.on) and (not one.part or _touches(one.part, cited))
        ]
        return [one for one in found if one.on <= on], [one for one in found if one.on > on]

    def _unlisted(self, name: str, short: str, on: date) -> Standing:
        own = self.documents.get(short)
        if own and own.kind == Kind.REPEALED and own.since and own.since > on:
            return replace(own, kind=Kind.ENDS)
        if own:
            return own
        return Standing(Kind.LOCAL if is_local(name, self.city) else Kind.UNKNOWN)


def _is_newer(current: LawVersion, versions: Sequence[LawVersion], written_on: date) -> bool:
    """Whether the record was written for an earlier version. The first version was perhaps cited before its day."""
    return current.begins > written_on and (current.published_on > written_on or versions[0] is not current)


def _touches(part: str, cited: set[str]) -> bool:
    """Whether a clause that repeals `part` may concern the articles; True unless it names other articles."""
    named = set(article_keys(part)) if re.match("第", part) else set()
    return not named or not cited or bool(named & cited)
