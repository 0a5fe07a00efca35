"""Finds the district (区县) or street (街道、乡镇) that a message names. Both environments use it.

A place is known only if the city's files name it; nothing is guessed from a name that merely looks alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.language.text import normalise

# The entity of a message that says only where somebody is. It has no value, since an address may be personal.
ONLY_PLACE = "only_place"

# “从清江区搬到北岸区”, “户口在北岸人住南岸”: where the person is, or wants to go, stands after one of these.
_IS_THERE = re.compile(r"(?:现在|人)?(?:住在?|搬[到去来]|换[成到]|改[成到]|人在|是在|现在在?)(?:的是)?(?:了)?$")
_IS_NOT_THERE = re.compile(r"(?:(?<!是)不[在是]|不住在?|没在|离开)$")
_IS_NEAR = re.compile(
    r"(?:离|靠)(?:我们?|这里|这儿|这边|公司|单位)?(?:家|这里|这儿|这边)?(?:最|比较|更|近一?点)?近|最近的|就近|我?(?:附近|周边)"
)
# “我在东城区”, and what ends in 区 or 县 but is no district.
_UNKNOWN = re.compile(
    r"(?:[在到去住是从]|搬来|^)(?!哪|什么|几|这|那|本|该|全|各|不同|其他|别|跨)((?:(?![在到去住是从的有办])[一-龥]){1,4}[区县])"
)
_NO_DISTRICT = re.compile(
    r"(?:[老主新]|中心)?城区|[市郊山矿厂库灾商牧林农]区|(?:老家|本|邻|区|市)县|.*区县"
    r"|.*(?:小|社|地|园|景|校|学|辖|片|专|特|营|禁|住宅|工业|自治|风景|保护|管理|服务|受理|规划|行政|保税)区"
)
# What may stand around the name of a place in a message that says nothing else.
_AROUND = re.compile(
    r"我[们家]?|本人|老人|孩子|家里?|人|现在|目前|已经|刚|[是在住到去来搬换改成]|不对|不是|错了|应该|就|那边|这边|那里|这里|那儿|这儿|那|这|边|附近|周边|旁边"
    r"|可以|能不能|能|可不可以|有没有|有哪些|有|没有|办事的?|哪里|哪儿|哪个|哪|地方|地点|网点|窗口|[办呢吗嘛么了的呀啊吧哦]|理|也|行不行|行|怎么样|离|靠|最近|比较|更|最|一?点|近|就近|帮我|给我|找|看看?|推荐|请问|你好"
)
_PUNCTUATION = re.compile(r"[\s,。!?;、:~.]+")


@dataclass(frozen=True)
class District:
    """`aliases`: what people call it. `streets`: each street with the roads and communities that belong to it."""

    name: str
    aliases: Sequence[str] = ()
    streets: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Spot:
    """A district, and a street of it where one is known."""

    district: str
    street: str = ""

    def __str__(self) -> str:
        return f"{self.district}/{self.street}" if self.street else self.district

    @classmethod
    def of(cls, text: str) -> Spot:
        """Reads what `str` wrote."""
        district, _, street = text.partition("/")
        return cls(district, street)


class Districts:
    """The districts of one city."""

    def __init__(self, districts: Iterable[District]) -> None:
        self.districts = tuple(districts)
        self._spots: dict[str, list[Spot]] = {}
        for district in self.districts:
            for name in (district.name, *district.aliases):
                self._add(name, Spot(district.name))
            for street, places in district.streets.items():
                for name in (street, *places):
                    self._add(name, Spot(district.name, street))
        names = sorted(self._spots, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, names))) if names else None

    @classmethod
    def of_content(cls, content: Iterable[Mapping[str, Any]]) -> Districts:
        """`content`: `{"name", "aliases", "streets"}` of each, as the lexicon has them."""
        return cls(District(one["name"], one["aliases"], one["streets"]) for one in content)

    def _add(self, name: str, spot: Spot) -> None:
        self._spots.setdefault(normalise(name), []).append(spot)

    def named(self, text: str) -> list[Spot]:
        """The places that the normalised text names; several if it does not say which of them is meant.

        A street replaces its district. Where the text says that the person is or moves there, only that place counts.
        """
        found = list(self._pattern.finditer(text)) if self._pattern else []
        found = [match for match in found if not _IS_NOT_THERE.search(text[: match.start()])]
        said = [match for match in found if _IS_THERE.search(text[: match.start()])]
        spots = [spot for match in said or found for spot in self._spots[match[0]]]
        named = {spot.district for match in found for spot in self._spots[match[0]] if not spot.street}
        if len({spot.district for spot in spots}) > 1 and (within := [s for s in spots if s.district in named]):
            spots = [spot for spot in within if spot.street] or within
        with_street = {spot.district for spot in spots if spot.street}
        return list(dict.fromkeys(s for s in spots if s.street or s.district not in with_street))

    def unknown(self, text: str) -> str | None:
        """A district that the normalised text names and that is none of this city (“我在东城区”)."""
        if not self.districts:
            return None
        rest = self._without_names(text)
        return next((match[1] for match in _UNKNOWN.finditer(rest) if not _NO_DISTRICT.fullmatch(match[1])), None)

    def says_only_where(self, text: str) -> bool:
        """Whether the normalised text says where somebody is, or that it should be near, and nothing else."""
        unknown = self.unknown(text)
        if not (self.named(text) or unknown or (self.districts and is_near(text))):
            return False
        rest = self._without_names(text).replace(unknown or "", "")
        return not _AROUND.sub("", _PUNCTUATION.sub("", rest))

    def without_places(self, text: str) -> str:
        """The text without the names of places, which say nothing about the matter; all of it if nothing is left."""
        return self._without_names(text).strip("在,，") or text

    def _without_names(self, text: str) -> str:
        return self._pattern.sub("", text) if self._pattern else text


def is_near(text: str) -> bool:
    """Whether the normalised text asks for what is near."""
    return bool(_IS_NEAR.search(text))
