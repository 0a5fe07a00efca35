"""`/voices/mine`: the writer of a letter follows it, adds to it, rates the answer and decides about its publication.

Number and query code are sent in the body of a form, never in an address, since addresses are logged. The page then
holds a sealed ticket in their place, good for half an hour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from limits import RateLimitItem, parse
from sqlalchemy.orm import Session

from bot.conversations import staff_messages
from bot.db import utcnow
from bot.privacy import deletion
from bot.replies.cases import standing
from bot.replies.voices import Step, promise, step_of
from bot.reviews import own_case
from bot.reviews.ratings import rate_in
from bot.reviews.reasons import STARS_TITLES, Stars
from bot.reviews.service import events_of, rating_of_answer, survivor
from bot.reviews.states import Action, CaseActionRefused, CaseState, allowed_actions
from bot.sealing import Sealer
from bot.voices import service as voices
from bot.voices.models import PublicLetter, Voice
from bot.voices.service import VoiceLookUp
from bot.voices.terms import MOST_WHY, MOST_WORDS, PUBLIC_KINDS, NoSuchVoice, VoiceRefused
from bot.web.clients import client_of, comes_from_elsewhere, network_of, tries_digest
from bot.web.console.pages import form_of
from bot.web.keys import SETTINGS
from bot.web.public_pages import LIMITER, public_page, transact
from bot.web.tickets import no_fit, number_of, ticket_for

routes = web.RouteTableDef()

PER_CLIENT: RateLimitItem = parse("30/hour")
_LONGEST = 40
_TOLD_ABOVE = "见上面的答复"
_TOO_OLD = "这一页放得太久了，请重新输入编号和查询码。"


@dataclass(frozen=True)
class _Own:
    """The letter as its writer sees it. `answer`: the last one, empty before. `may_rate`: it is not rated yet."""

    voice: Voice
    letter: str
    kind: str
    state: str
    promise: str
    steps: list[Step]
    answer: str
    may_add: bool
    may_withdraw: bool
    may_rate: bool
    published: PublicLetter | None


@routes.get("/voices/mine")
async def ask(request: web.Request) -> web.Response:
    return await _page(request)


@routes.post("/voices/mine")
async def show(request: web.Request) -> web.Response:
    if comes_from_elsewhere(request):
        raise web.HTTPForbidden
    form, now = await form_of(request), utcnow()
    number, code = (form.get(name, "").strip()[:_LONGEST] for name in ("number", "query_code"))
    found: VoiceLookUp = await transact(request, voices.look_up, number, code, tries_digest(request), now)
    if found.voice is None:
        return await _page(request, 403, number=number, error=no_fit(found.attempts_left))
    ticket = ticket_for(found.voice.case.number, Sealer.of(request.app[SETTINGS]), now)
    return await _page(request, number=found.voice.case.number, ticket=ticket)


@routes.post("/voices/mine/{act}")
async def act(request: web.Request) -> web.Response:
    """What the writer does with the letter: an entry of `_ACTS`."""
    if comes_from_elsewhere(request):
        raise web.HTTPForbidden
    do = _ACTS.get(request.match_info["act"])
    if do is None:
        raise web.HTTPNotFound
    form, now = await form_of(request), utcnow()
    ticket = form.get("ticket", "")
    number = number_of(ticket, Sealer.of(request.app[SETTINGS]), now)
    if number is None:
        return await _page(request, 403, error=_TOO_OLD)
    if not await request.app[LIMITER].hit(PER_CLIENT, "own letter", network_of(client_of(request))):
        return await _page(request, 429, number=number, ticket=ticket, error="提交得太多了，请过一会儿再试。")
    try:
        said = await transact(request, _do, do, number, form, now)
    except (VoiceRefused, CaseActionRefused) as refused:
        return await _page(request, 422, number=number, ticket=ticket, error=f"{refused}。", typed=form)
    except NoSuchVoice:
        return await _page(request, 403, error=_TOO_OLD)
    return await _page(request, number=number, ticket=ticket, said=said)


async def _page(
    request: web.Request,
    status: int = 200,
    *,
    number: str = "",
    ticket: str = "",
    error: str = "",
    said: str = "",
    typed: Mapping[str, str] | None = None,
) -> web.Response:
    """With a ticket of the number the page shows the letter, without one it asks for number and query code."""
    own = await transact(request, _read, number, utcnow()) if ticket else None
    return await public_page(
        request,
        "site/voice_mine.html",
        status,
        site=request.app[SETTINGS].site,
        own=own,
        number=number,
        ticket=ticket,
        error=error,
        said=said,
        typed=typed or {},
        stars=STARS_TITLES,
        longest=_LONGEST,
        most_words=MOST_WORDS,
        most_why=MOST_WHY,
    )


def _read(session: Session, number: str, now: datetime) -> _Own | None:
    """What the page shows. Marks what staff wrote as delivered, because the writer reads it here."""
    voice = voices.voice_of_number(session, number)
    if voice is None:
        return None
    case = survivor(session, voice.case)
    lines = [line for line in staff_messages.staff_messages(session, voice.case.conversation_id) if line.by_name]
    staff_messages.mark_delivered(lines, now)
    answer = voices.last_answer(session, voice.case)
    said = {line.at: _TOLD_ABOVE if line.text == answer else line.text for line in lines}
    events = events_of(session, voice.case)
    if case is not voice.case:  # maybe another citizen's: only what staff said to both
        events += [event for event in events_of(session, case) if event.at in said]
    allowed = allowed_actions(case)
    is_open = case.state != CaseState.CLOSED
    return _Own(
        voice=voice,
        letter=voice.case.question,
        kind=PUBLIC_KINDS.get(voice.case.kind, ""),
        state=standing(voice.case),
        promise=promise(case, now),
        steps=[step for event in events if (step := step_of(event, said.get(event.at, "")))],
        answer=answer,
        may_add=is_open,
        may_withdraw=is_open and case is voice.case,
        may_rate=case.answered_at is not None and Action.RATE in allowed and not rating_of_answer(session, case),
        published=voices.published(session, voice),
    )


_Form = Mapping[str, str]
_Act = Callable[[Session, Voice, _Form, datetime], str]


def _do(session: Session, do: _Act, number: str, form: _Form, now: datetime) -> str:
    voice = voices.voice_of_number(session, number)
    if voice is None:
        raise NoSuchVoice(number)
    return do(session, voice, form, now)


def _add(session: Session, voice: Voice, form: _Form, now: datetime) -> str:
    words = voices.as_written(form.get("words", ""))
    if not words or len(words) > MOST_WORDS:
        raise VoiceRefused(f"请写要补充的内容，最多 {MOST_WORDS} 个字")
    own_case.add_words(session, survivor(session, voice.case), words, now)
    return "补充的内容记下了，工作人员会一起看到。"


def _rate(session: Session, voice: Voice, form: _Form, now: datetime) -> str:
    if form.get("stars") not in [str(stars.value) for stars in Stars]:
        raise VoiceRefused("请选满意的程度")
    if survivor(session, voice.case).answered_at is None:
        raise VoiceRefused("还没有答复，不能评价")
    why = voices.as_written(form.get("why", ""))[:MOST_WHY]
    rating = rate_in(session, voice.case.conversation_id, voice.case.number, Stars(int(form["stars"])), why, now)
    is_reopened = survivor(session, voice.case).state not in (CaseState.ANSWERED, CaseState.CLOSED)
    return "评价记下了，这件重新办理。" if is_reopened else f"谢谢，评价记下了：{STARS_TITLES[rating.stars]}。"


def _wish(session: Session, voice: Voice, form: _Form, now: datetime) -> str:
    is_wished = form.get("public") == "yes"
    voices.set_wish(session, voice, is_wished, now)
    if is_wished:
        return "记下了。答复以后，工作人员拟好去掉个人信息的文字，请您看过再公开。"
    return "记下了，这封信不公开；已经公开的现在就撤下了。"


def _agree(session: Session, voice: Voice, form: _Form, now: datetime) -> str:
    if not form.get("sure"):
        raise VoiceRefused("还没有同意。同意的，请先勾选“我看过了，同意公开”")
    voices.agree(session, voice, now)
    return "已经公开。" if voices.published(session, voice) else "您同意了，单位审核后公开。"


def _withdraw(session: Session, voice: Voice, form: _Form, now: datetime) -> str:
    if not form.get("sure"):
        raise VoiceRefused("还没有撤回。确定要撤回的，请先勾选“我确定撤回”")
    if voice.case.merged_into_id is not None:
        raise VoiceRefused("这封信已经并入另一件一起办理，不能单独撤回")
    own_case.withdraw(session, voice.case, now)
    return "已撤回，不再办理。"


def _forget(session: Session, voice: Voice, form: _Form, now: datetime) -> str:
    """个人信息保护法 art. 47."""
    if not form.get("sure"):
        raise VoiceRefused("还没有删除。确定要删除的，请先勾选“我确定删除”")
    voices.set_wish(session, voice, False, now)
    asked = deletion.ask(session, voice.case.conversation_id, now)
    stays = "；".join(asked.kept)
    return f"收到了，马上删除，回执号 {asked.receipt}。" + (f"先留下的：{stays}。" if stays else "")


_ACTS: Mapping[str, _Act] = {
    "add": _add,
    "rate": _rate,
    "wish": _wish,
    "agree": _agree,
    "withdraw": _withdraw,
    "forget": _forget,
}
