"""Lists of cases that a person keeps under a title of their own."""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.reviews.models import SavedView
from bot.staff.models import Person

MOST_TITLE_CHARACTERS = 12
MOST = 20


class ViewRefused(ValueError):
    """The view cannot be saved; the message says what to change, in Chinese."""


def saved_views(session: Session, person: Person) -> list[SavedView]:
    mine = select(SavedView).where(SavedView.person_id == person.id)
    return list(session.scalars(mine.order_by(SavedView.id)))


def save_view(session: Session, person: Person, title: str, query: str) -> SavedView:
    """Saves the filters under the title, in place of what had it before. Raises ViewRefused."""
    title = title.strip()
    if not title or len(title) > MOST_TITLE_CHARACTERS:
        raise ViewRefused(f"请写名字，最多 {MOST_TITLE_CHARACTERS} 个字")
    if not query:
        raise ViewRefused("先选好条件再存")
    mine = select(SavedView).where(SavedView.person_id == person.id)
    view = session.scalars(mine.where(SavedView.title == title)).one_or_none()
    if view is None and (session.scalar(select(func.count()).select_from(mine.subquery())) or 0) >= MOST:
        raise ViewRefused(f"最多存 {MOST} 个，请先删掉不用的")
    view = view or SavedView(person_id=person.id, title=title)
    view.query = query
    session.add(view)
    session.flush()
    return view


def remove_view(session: Session, person: Person, view_id: int) -> None:
    """Does nothing if it is gone or somebody else's."""
    session.execute(delete(SavedView).where(SavedView.id == view_id, SavedView.person_id == person.id))
