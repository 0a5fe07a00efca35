"""Units, the possible answers: facets of items, joint services, passages, routes and absent matters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue import service as catalogue
from bot.catalogue.models import AbsentMatter, Department, Item
from bot.documents.search import IndexedPassage
from bot.documents.service import current_passages
from bot.language.facets import FACET_TITLES
from bot.referrals.service import all_routes
from bot.replies.approvals import limit_words

FACETS = tuple(FACET_TITLES)
NO_FEE = "不收费"
_FACET_WORDS = {
    "overview": "是什么 怎么办理",
    "materials": "要什么材料 带什么证件 资料",
    "fee": "收费 多少钱 费用",
    "time_limit": "办理时限 多久办好 几个工作日",
    "place": "在哪里办 办理地点 地址 电话 上班时间",
    "process": "办理流程 步骤 怎么申请",
    "conditions": "申请条件 谁能办 哪些人可以",
    "legal_basis": "法律依据",
    "online": "网上能不能办 要不要到现场 跑几趟",
    "result": "办完拿到什么 有效期 怎么领取 邮寄",
}


class Sort(StrEnum):
    ITEM = "item"
    JOINT = "joint"
    PASSAGE = "doc"
    ROUTE = "route"
    ABSENT = "absent"


@dataclass(frozen=True)
class Unit:
    """One possible answer.

    `name` identifies the unit (`item:GA-003:fee`, `doc:guide.md#4`, `route:LX-026`, `absent:变更姓名`); all units of
    one item or document have the same `owner`. `title` says what the unit is about, `text` what it says; `names` are
    what people call the owner. `key` finds the record: a code, a passage's id or a name.
    """

    name: str
    owner: str
    sort: Sort
    key: str
    title: str
    text: str
    names: tuple[str, ...] = ()
    facet: str = ""
    in_force: bool = True
    work: str = ""
    """The title of the document, for a passage."""
    category: str = ""
    """The category of a route."""

    @property
    def in_full(self) -> str:
        """Title and text, which can be understood without the owner. The encoder reads this."""
        return f"{self.title}\n{self.text}"


def units_of(session: Session) -> list[Unit]:
    """All units in the database; those of one owner stand together."""
    return [*items_and_joints(session), *passages_and_routes(session), *_absent(session)]


def items_and_joints(session: Session) -> list[Unit]:
    return [*_items(session), *_joints(session)]


def routes_and_absent(session: Session) -> list[Unit]:
    return [*_routes(session), *_absent(session)]


def passages_and_routes(session: Session) -> list[Unit]:
    return [*passage_units(current_passages(session)), *_routes(session)]


def _items(session: Session) -> Iterator[Unit]:
    aliases = _aliases(session)
    for item in catalogue.all_items(session):
        names = tuple(dict.fromkeys((item.name, catalogue.without_level(item.name), *aliases.get(item.code, ()))))
        for facet in FACETS:
            yield Unit(
                name=f"item:{item.code}:{facet}",
                owner=f"item:{item.code}",
                sort=Sort.ITEM,
                key=item.code,
                title=f"{item.name} {_FACET_WORDS[facet]}",
                text="\n".join(filter(None, _TEXTS[facet](item))),
                names=names,
                facet=facet,
            )


def _overview(item: Item) -> Iterable[str]:
    yield item.summary
    yield item.note
    yield item.department.name
    for option in item.situations:
        yield f"{option.title} {' '.join(option.keywords)} {option.note}"


def _materials(item: Item) -> Iterable[str]:
    for material in item.materials:
        yield f"{material.name} {material.note} {material.issuer}"
    yield from (option.note for option in item.situations)


def _fee(item: Item) -> Iterable[str]:
    yield item.fee if item.has_fee else f"{NO_FEE} {item.fee}"
    yield item.fee_basis
    yield from (f"{option.title} {option.fee}" for option in item.situations if option.fee)


def _time_limit(item: Item) -> Iterable[str]:
    yield f"承诺 {limit_words(item.promised)}" if item.promised.count else limit_words(item.promised)
    yield item.statutory_note


def _place(item: Item) -> Iterable[str]:
    office = item.office
    yield from (office.name, item.window, office.address, office.hours, office.phone, office.directions)
    yield item.department.name


def _process(item: Item) -> Iterable[str]:
    for step in item.steps:
        yield f"{step.name} {step.detail} {step.time}"
    for option in item.situations:
        yield from (f"{option.title} {step}" for step in option.steps)


def _conditions(item: Item) -> Iterable[str]:
    yield item.applicant
    yield from item.conditions
    for option in item.situations:
        yield from (f"{option.title} {condition}" for condition in option.conditions)
    yield item.note


def _legal_basis(item: Item) -> Iterable[str]:
    yield from (f"{basis.law}{basis.article} {basis.gist}" for basis in item.legal_bases)


def _online(item: Item) -> Iterable[str]:
    yield item.channel
    yield item.online_note


def _result(item: Item) -> Iterable[str]:
    yield from (item.result, item.result_validity, item.delivery)


_TEXTS: dict[str, Callable[[Item], Iterable[str]]] = {
    "overview": _overview,
    "materials": _materials,
    "fee": _fee,
    "time_limit": _time_limit,
    "place": _place,
    "process": _process,
    "conditions": _conditions,
    "legal_basis": _legal_basis,
    "online": _online,
    "result": _result,
}


def _joints(session: Session) -> Iterator[Unit]:
    aliases = _aliases(session)
    for joint in catalogue.all_joint_services(session):
        parts = catalogue.names_of(session, joint.item_codes).values()
        yield Unit(
            name=f"item:{joint.code}:overview",
            owner=f"item:{joint.code}",
            sort=Sort.JOINT,
            key=joint.code,
            title=f"{joint.name} 一起办 一件事",
            text="\n".join((joint.summary, *parts, *joint.steps, *joint.material_notes)),
            names=(joint.name, *aliases.get(joint.code, ())),
            facet="overview",
        )


def passage_units(passages: Iterable[IndexedPassage]) -> Iterator[Unit]:
    for passage in passages:
        document = passage.name.rsplit("#", 1)[0]
        heading = passage.place.split(" / ")[-1]
        yield Unit(
            name=f"doc:{passage.name}",
            owner=f"doc:{document}",
            sort=Sort.PASSAGE,
            key=str(passage.passage_id),
            title=" ".join(filter(None, (passage.title, passage.article, heading))),
            text=passage.text,
            facet=passage.article or heading,
            in_force=passage.in_force,
            work=passage.title,
        )


def _routes(session: Session) -> Iterator[Unit]:
    for route in all_routes(session):
        yield Unit(
            name=f"route:{route.code}",
            owner=f"route:{route.code}",
            sort=Sort.ROUTE,
            key=route.code,
            title=f"{route.name} {route.category}",
            text=f"{route.answer}\n{route.in_charge}",
            names=(route.name, *(trigger.replace(" ", "") for trigger in route.triggers)),
            category=route.category,
        )


def _absent(session: Session) -> Iterator[Unit]:
    for absent in session.scalars(select(AbsentMatter).order_by(AbsentMatter.name)):
        yield Unit(
            name=f"absent:{absent.name}",
            owner=f"absent:{absent.name}",
            sort=Sort.ABSENT,
            key=absent.name,
            title=absent.name,
            text=f"{' '.join(absent.aliases)}\n{absent.note}\n{absent.in_charge}",
            names=(absent.name, *absent.aliases),
        )


def _aliases(session: Session) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for alias in catalogue.aliases(session):
        found.setdefault(alias.code, []).append(alias.text)
    return found


def departments(session: Session) -> list[Department]:
    return list(session.scalars(select(Department).order_by(Department.code)))
