"""How long the list of all conversations takes in a made database, by filter: its first page, and one in the middle.

    .venv/web/bin/python -m benchmarks.conversations_list --conversations 100000

Each conversation has three messages; replies are as long as usual ones (700 characters, sealed). Seconds, best of 3.
"""

from __future__ import annotations

import random
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import click
from sqlalchemy import insert, text

from bot import migrations
from bot.conversations.browsing import Ending, Marked, Wanted, browse
from bot.conversations.models import Conversation, Message
from bot.db import Database, utcnow

_OUTCOMES = (
    ("answered_by_record",) * 55 + ("answered_by_passage",) * 25 + ("nothing_found",) * 15 + ("handed_over",) * 4
)
_RARE = "failed_engine"
_WORDS = (
    "身份证补办要带什么",
    "居住证在哪里办",
    "公积金怎么提取",
    "孩子上学要什么材料",
    "开饭店办什么证",
    "社保断了怎么补",
)
_ROWS_AT_ONCE = 3000


@click.command()
@click.option("--conversations", "count", default=100_000, show_default=True)
@click.option("--url", help="An empty database; by default SQLite in a temporary folder.")
def main(count: int, url: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(url or f"sqlite:///{Path(folder) / 'made.db'}")
        migrations.upgrade(database.engine)
        _fill(database, count)
        for title, wanted in _wanted().items():
            click.echo(f"{title:28}{_seconds(database, wanted, None):8.3f} s{_seconds(database, wanted, count):8.3f} s")
        database.close()


def _fill(database: Database, count: int) -> None:
    chance, now = random.Random(1), utcnow()  # noqa: S311
    replies = [{"text": "答" * 700, "custom": {"kind": "smalltalk", "topic": "x"}}]
    for first in range(0, count, _ROWS_AT_ONCE):
        conversations, messages = [], []
        for number in range(first, min(count, first + _ROWS_AT_ONCE)):
            at = now - timedelta(minutes=4 * (count - number))
            channel = chance.choice(("portal", "portal", "portal", "wechat", "sms"))
            conversations.append({"id": f"c{number}", "channel": channel, "started_at": at, "last_message_at": at})
            for _ in range(3):
                said = f"{chance.choice(_WORDS)}{'，很少见的词' if chance.random() < 0.0001 else ''}"
                messages.append(
                    {
                        "conversation_id": f"c{number}", "received_at": at, "text": said, "masked_text": said,
                        "outcome": _RARE if chance.random() < 0.0002 else chance.choice(_OUTCOMES), "replies": replies,
                        "entities": [], "matter": f"GA-{chance.randrange(2000):04}",
                        "stars": 1 if chance.random() < 0.001 else None,
                    }
                )  # fmt: skip
        with database.engine.begin() as writing:
            writing.execute(insert(Conversation), conversations)
            writing.execute(insert(Message), messages)
    with database.engine.begin() as writing:
        writing.execute(text("ANALYZE"))


def _wanted() -> dict[str, Wanted]:
    now = utcnow()
    return {
        "all": Wanted(),
        "a day": Wanted(since=now - timedelta(days=20), before=now - timedelta(days=19)),
        "channel": Wanted(channel="wechat"),
        "answered": Wanted(ending=Ending.ANSWERED),
        "failed (rare)": Wanted(ending=Ending.FAILED),
        "likely (none)": Wanted(ending=Ending.LIKELY),
        "worst grade (rare)": Wanted(stars=1),
        "an item": Wanted(matters=("GA-0007",), title="GA-0007"),
        "not marked yet": Wanted(marked=Marked.NOT_YET),
        "marked useful (none)": Wanted(marked=Marked.USEFUL),
        "frequent words": Wanted(text="居住证"),
        "rare words": Wanted(text="少见"),
        "words that do not occur": Wanted(text="没有的词"),
    }


def _seconds(database: Database, wanted: Wanted, older_than: int | None) -> float:
    """Of the first page, or of one in the middle of the list."""
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        with database.transaction() as session:
            browse(session, wanted, older_than=older_than)
        taken.append(time.perf_counter() - began)
    return min(taken)


if __name__ == "__main__":
    main()
