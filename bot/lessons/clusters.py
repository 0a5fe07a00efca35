"""Groups of similar unanswered questions, so that they can be taught together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sklearn.cluster import AgglomerativeClustering
from sklearn.feature_extraction.text import TfidfVectorizer
from sqlalchemy.orm import Session

from bot.conversations.models import Message
from bot.conversations.unanswered import unanswered
from bot.language.text import bare, normalise
from bot.lessons.service import taught_texts

# Average cosine distance, by characters, up to which questions belong to one group.
ALIKE_WITHIN = 0.75
# Each text is compared with each other, which takes some seconds and 36 MB.
MOST_TEXTS = 1500
MOST_MESSAGES = 10_000


@dataclass(frozen=True)
class Cluster:
    """`texts`: masked, the most typical first, each once; `message_ids`: all messages that say one of them."""

    texts: tuple[str, ...]
    message_ids: tuple[int, ...]

    @property
    def size(self) -> int:
        """How often its questions were asked."""
        return len(self.message_ids)


def clusters(session: Session, since: datetime) -> list[Cluster]:
    """The unanswered questions since then that nobody has taught yet, biggest group first.

    If there are more than `MOST_TEXTS` different ones, the older are left out.
    """
    taught = taught_texts(session)
    by_text: dict[str, list[Message]] = {}
    for message in unanswered(session, since, MOST_MESSAGES):
        key = bare(message.masked_text)
        if key and key not in taught:
            by_text.setdefault(key, []).append(message)
    same = list(by_text.values())[:MOST_TEXTS]
    found = [
        Cluster(
            texts=tuple(same[place][0].masked_text for place in places),
            message_ids=tuple(sorted(message.id for place in places for message in same[place])),
        )
        for places in groups([normalise(messages[0].masked_text) for messages in same])
    ]
    return sorted(found, key=lambda cluster: (-cluster.size, cluster.message_ids))


def groups(texts: Sequence[str]) -> list[list[int]]:
    """Groups of positions of similar texts. Each text is in one group; the most typical text comes first."""
    if len(texts) < 2:
        return [[place] for place in range(len(texts))]
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
