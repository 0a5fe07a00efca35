"""Groups of similar unanswered questions, so that they can be taught together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy.orm import Session

from bot.conversations.models import Message
from bot.conversations.unanswered import after_another_matter, unanswered
from bot.language.text import bare, normalise
from bot.lessons.service import taught_texts
from bot.lessons.set_aside import digest_of, digests_set_aside

# Average cosine distance, by characters, up to which questions belong to one group.
ALIKE_WITHIN = 0.75
# Each text is compared with each other, which takes some seconds and 36 MB.
MOST_TEXTS = 1500
MOST_MESSAGES = 10_000
# A text of fewer letters does not stand for itself where another matter was spoken of before.
FEWEST_LETTERS = 10


@dataclass(frozen=True)
class Cluster:
    """`texts`: masked, the most typical first, each once; `message_ids`: all messages that say one of them."""

    texts: tuple[str, ...]
    message_ids: tuple[int, ...]

    @property
    def size(self) -> int:
        """How often its questions were asked."""
        return len(self.message_ids)


def clusters(session: Session, since: datetime, *, are_set_aside: bool = False) -> list[Cluster]:
    """The unanswered questions since then that nobody has taught yet, biggest group first: those to teach, or those
    that are set aside.

    If there are more than `MOST_TEXTS` different ones, the older are left out. So are follow-ups (`_follow_ups`).
    """
    taught, aside = taught_texts(session), digests_set_aside(session)
    found = unanswered(session, since, MOST_MESSAGES)
    follow_ups = _follow_ups(session, found)
    by_text: dict[str, list[Message]] = {}
    for message in found:
        key = bare(message.masked_text)
        is_open = key and key not in taught and message.id not in follow_ups
        if is_open and (digest_of(key) in aside) == are_set_aside:
            by_text.setdefault(key, []).append(message)
    same = list(by_text.values())[:MOST_TEXTS]
    grouped = [
        Cluster(
            texts=tuple(same[place][0].masked_text for place in places),
            message_ids=tuple(sorted(message.id for place in places for message in same[place])),
        )
        for places in groups([normalise(messages[0].masked_text) for messages in same])
    ]
    return sorted(grouped, key=lambda cluster: (-cluster.size, cluster.message_ids))


def _follow_ups(session: Session, found: Sequence[Message]) -> frozenset[int]:
    """Ids of the short messages that follow another matter: “要收费吗”. What they mean stands before them, and what is
    taught for so few letters is not believed there (`docs/teaching.md`)."""
    short = [message.id for message in found if len(bare(message.masked_text)) < FEWEST_LETTERS]
    return after_another_matter(session, short)


def groups(texts: Sequence[str]) -> list[list[int]]:
    """Groups of positions of similar texts. Each text is in one group; the most typical text comes first."""
    if len(texts) < 2:
        return [[place] for place in range(len(texts))]
    # Only here: the web process starts without it.
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.feature_extraction.text import TfidfVectorizer

    matrix = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True).fit_transform(texts)
    likeness = (matrix @ matrix.T).toarray()
    distance = np.clip(1 - likeness, 0, None)
    clustering = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=ALIKE_WITHIN
    )
    by_label: dict[int, list[int]] = {}
    for place, label in enumerate(clustering.fit_predict(distance)):
        by_label.setdefault(int(label), []).append(place)
    return [
        sorted(places, key=lambda place: (-float(likeness[place, places].mean()), place))
        for places in by_label.values()
    ]
