"""What the first screen offers: matters by the events of life and by who one is, and what citizens ask most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue import service as catalogue
from bot.catalogue.service import Named
from bot.db import utcnow
from bot.figures.hot import Hot, hot_questions
from bot.replies.front_page import FIRST_QUESTIONS, SERVICES, question
from bot.web.keys import DATABASE
from bot.web.renewed import Renewed

MOST_OF_A_TOPIC = 6
MOST_QUESTIONS = 8
KEPT_SECONDS = 300


@dataclass(frozen=True)
class Ask:
    """`title` stands on the button, `say` is what is asked."""

    title: str
    say: str


@dataclass(frozen=True)
class Topic:
    title: str
    asks: list[Ask]


@dataclass(frozen=True)
class FrontPage:
    topics: list[Topic]
    hot: list[str]


FRONT_PAGE = web.AppKey("front_page", Renewed[FrontPage])


async def front_page(app: web.Application) -> FrontPage:
    return await app[FRONT_PAGE].get(lambda: _read(app))


def _read(app: web.Application) -> FrontPage:
    with app[DATABASE].transaction() as session:
        return read_front_page(session, utcnow())


def read_front_page(session: Session, now: datetime) -> FrontPage:
    hot, items = hot_questions(session, now), catalogue.item_names(session)
    asked = {one.code: place for place, one in reversed(list(enumerate(hot)))}
    # What nobody asked lately stands by its number of other names: the more people speak of a matter, the more it has.
    names = Counter(alias.code for alias in catalogue.aliases(session))
    items.sort(key=lambda item: (asked.get(item.code, len(hot)), -names[item.code]))
    joints = catalogue.all_joint_services(session)
    topics = [
        Topic("一件事一次办", [Ask(joint.name, question(joint.name, "process")) for joint in joints[:MOST_OF_A_TOPIC]]),
        Topic("个人办事", _asks(items, "自然人")),
        Topic("企业办事", _asks(items, "法人")),
        Topic("公开和诉求", [Ask(*service) for service in SERVICES]),
    ]
    return FrontPage([topic for topic in topics if topic.asks], _questions(hot, items))


def _asks(items: Sequence[Named], applicant: str) -> list[Ask]:
    """Matters of one sort of applicant before those that are for both."""
    meant = sorted(
        (item for item in items if applicant in item.applicant), key=lambda item: item.applicant != applicant
    )
    return [Ask(item.name, question(item.name, "overview")) for item in meant[:MOST_OF_A_TOPIC]]


def _questions(hot: Sequence[Hot], items: Sequence[Named]) -> list[str]:
    names = {item.code: item.name for item in items}
    asked = [question(names[one.code], one.facet) for one in hot if one.code in names]
    return list(dict.fromkeys([*asked, *FIRST_QUESTIONS]))[:MOST_QUESTIONS]
