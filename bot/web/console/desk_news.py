"""What the person who is signed in has to act on now, for the script of every page, and how they wish to be told."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.reviews import desk_news
from bot.reviews.desk_news import NewsKind, Way
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.navigation import GAPS, NEWS_TITLES, desk_counts, shown_count
from bot.web.console.pages import form_of, page, person_of, redirect, transact

routes = web.RouteTableDef()

WAY_TITLES = {Way.SOUND: "响一声", Way.TITLE: "标签页标题上显示件数", Way.NOTIFICATION: "弹出桌面通知"}
_MEDIA_TYPE = "application/json"


@routes.get("/console/desk/news")
@needs(Permission.SEE_QUEUE)
async def news(request: web.Request) -> web.Response:
    """The counts of each kind and a key of each case, so that the browser knows what it has told already.

    Asked for with `part`, it keeps nobody signed in. Who opens the address as a page is led to the queue.
    """
    if _MEDIA_TYPE not in request.headers.get("Accept", ""):
        return redirect(request, "/console/queue")
    found, counts, ways, kinds = await transact(request, _read, person_of(request))
    told = [each for each in found if each.kind in kinds]
    return web.json_response(
        {
            "shown": {kind: shown_count(counts.get(kind, 0)) for kind in (*NewsKind, GAPS)},
            "ways": ways,
            "news": [
                {
                    "key": each.key,
                    "path": f"/console/cases/{each.number}",
                    "words": f"{NEWS_TITLES[each.kind]}：{each.number}",
                }
                for each in told
            ],
        }
    )


@routes.get("/console/desk/wishes")
@needs(Permission.SEE_QUEUE)
async def wishes_page(request: web.Request) -> web.Response:
    person = person_of(request)
    wishes = await transact(request, desk_news.wishes_of, person)
    kinds = {kind: NEWS_TITLES[kind] for kind in desk_news.kinds_for(person)}
    return page(request, "desk_wishes.html", wishes=wishes, ways=WAY_TITLES, kinds=kinds)


@routes.post("/console/desk/wishes")
@needs(Permission.SEE_QUEUE)
async def set_wishes(request: web.Request) -> web.Response:
    form = await form_of(request)
    ways = [way for way in Way if form.get(way)]
    kinds = [kind for kind in NewsKind if form.get(kind)]
    await transact(request, desk_news.set_wishes, person_of(request), ways, kinds)
    return redirect(request, "/console/desk/wishes", "提醒已设好" if ways and kinds else "提醒已关闭")


def _read(session: Session, person: Person) -> tuple[list[desk_news.News], dict[str, int], list[str], list[str]]:
    wishes, found = desk_news.wishes_of(session, person), desk_news.news_of(session, person, utcnow())
    return found, desk_counts(session, person, found), wishes.ways, wishes.kinds
