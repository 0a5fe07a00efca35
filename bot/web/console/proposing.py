"""What all pages on which a change is proposed share: the reason, the time from which it is to be live, what to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.proposed_changes import service
from bot.proposed_changes.difference import ChangeRefused, Wanted
from bot.proposed_changes.models import ProposedChange
from bot.proposed_changes.service import Target
from bot.settings import Settings
from bot.web.console.pages import person_of, redirect
from bot.web.keys import SETTINGS
from bot.workdays import CHINA

PATH = "/console/changes"
# Of the audit log, for the history of a record.
LOGGED = frozenset(f"{act}_change" for act in ("propose", "approve", "refuse", "withdraw", "return", "undo"))


@dataclass(frozen=True)
class Proposer:
    """Who proposes, why, and from when it is to be live; None for as soon as it is approved."""

    settings: Settings
    who: str
    why: str
    live_from: datetime | None

    @classmethod
    def of(cls, request: web.Request, form: Mapping[str, str]) -> Proposer:
        """Raises ChangeRefused: the time is none."""
        settings, who = request.app[SETTINGS], person_of(request).login
        return cls(settings, who, form.get("why", ""), _instant_in(form.get("live_from", "")))

    def propose(self, session: Session, target: Target, wanted: Wanted) -> ProposedChange:
        """Raises ChangeRefused."""
        return service.propose(
            session,
            self.settings,
            target,
            wanted,
            why=self.why,
            who=self.who,
            now=utcnow(),
            live_from=self.live_from,
        )


def to_proposed(request: web.Request, change: ProposedChange) -> web.Response:
    is_own_to_approve = service.may_decide(request.app[SETTINGS], change, person_of(request))
    say = "已提出，请再看一遍，自己核准就生效" if is_own_to_approve else "已提出，别人核准以后才生效"
    return redirect(request, f"{PATH}/{change.id}", say)


def _instant_in(text: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=CHINA)
    except ValueError:
        raise ChangeRefused("生效时间请选日期和时间，比如 2026-12-01 09:00") from None
