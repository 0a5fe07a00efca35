"""What a citizen was shown last, so that the texts “更多”, “返回” and a bare number can be understood."""

from __future__ import annotations

from bot.helpline.models import Subscriber
from bot.replies.plain_text import Screen

MOST_KEPT = 5


def show(subscriber: Subscriber, screen: Screen) -> str:
    """Keeps the screen and returns its first page, which is to be sent."""
    kept = {
        "pages": list(screen.pages),
        "choices": [[choice.title, choice.says] for choice in screen.choices],
        "shown": 1,
    }
    subscriber.screens = [*subscriber.screens, kept][-MOST_KEPT:]
    return screen.pages[0]


def next_page(subscriber: Subscriber) -> str | None:
    """The next page of the last screen; None if all its pages were shown."""
    if not subscriber.screens:
        return None
    *earlier, last = subscriber.screens
    shown: int = last["shown"]
    if shown >= len(last["pages"]):
        return None
    subscriber.screens = [*earlier, {**last, "shown": shown + 1}]
    page: str = last["pages"][shown]
    return page


def back(subscriber: Subscriber) -> str | None:
    """Goes back to the screen before and returns its first page; None if there is none."""
    if len(subscriber.screens) < 2:
        return None
    *earlier, before, _ = subscriber.screens
    subscriber.screens = [*earlier, {**before, "shown": 1}]
    page: str = before["pages"][0]
    return page


def choice_count(subscriber: Subscriber) -> int:
    return len(subscriber.screens[-1]["choices"]) if subscriber.screens else 0


def choice(subscriber: Subscriber, position: int) -> str:
    """What the choice at `position`, from 0, stands for: the id of a button, or a rating."""
    says: str = subscriber.screens[-1]["choices"][position][1]
    return says
