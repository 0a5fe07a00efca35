"""Reads the routes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.language.triggers import EMERGENCY
from bot.referrals.models import Route


def get_route(session: Session, code: str) -> Route | None:
    return session.get(Route, code)


def emergencies(session: Session) -> list[Route]:
    """The routes of emergencies: whom to call at once."""
    return list(session.scalars(select(Route).where(Route.category == EMERGENCY)))


def all_routes(session: Session) -> list[Route]:
    return list(session.scalars(select(Route).order_by(Route.code)))


def names_of(session: Session, codes: Sequence[str]) -> dict[str, str]:
    """Code → name of those routes that exist."""
    return dict(session.execute(select(Route.code, Route.name).where(Route.code.in_(codes))).all())


def triggers(session: Session) -> list[dict[str, object]]:
    """The routes for the engine: `[{"code", "name", "category", "triggers", "exceptions"}]`, by code."""
    return [
        {
            "code": route.code,
            "name": route.name,
            "category": route.category,
            "triggers": route.triggers,
            "exceptions": route.exceptions,
        }
        for route in all_routes(session)
    ]
