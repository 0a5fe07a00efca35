"""What an index computes from the passages alone and keeps on disk."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.search.postings import Postings
from bot.search.vectors import LatentSpace
from bot.search.words import corpus_terms
from bot.search.works import Works

FORMAT = 1


class CollectionUnreadable(Exception):
    """The folder holds no index, or one of another version: build it again."""


@dataclass(frozen=True)
class Collection:
    words: Postings
    bigrams: Postings
    characters: Postings
    space: LatentSpace
    works: Works

    @classmethod
    def build(cls, titles: Sequence[str], texts: Sequence[str], *, processes: int | None = None) -> Collection:
        terms = corpus_terms(titles, texts, processes=processes)
        words = Postings.build(terms.words)
        return cls(
            words,
            Postings.build(terms.bigrams),
            Postings.build(terms.characters),
            LatentSpace.fit(words),
            Works.of(titles, texts),
        )

    @property
    def passage_count(self) -> int:
        return self.words.passage_count

    def save(self, folder: Path) -> None:
        """Saves all or nothing: `folder` appears only when everything is in it."""
        unfinished = folder.with_name(folder.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        for name, part in self._parts().items():
            for array in part.ARRAYS:
                np.save(unfinished / f"{name}.{array}.npy", getattr(part, array), allow_pickle=False)
        (unfinished / "collection.json").write_text(json.dumps({"format": FORMAT, "passages": self.passage_count}))
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.rename(folder)

    @classmethod
    def load(cls, folder: Path) -> Collection:
        """Maps the files instead of reading them, so that workers on one machine share one copy.

        Raises:
            CollectionUnreadable: no index is there, or one of another version.
        """
        try:
            about = json.loads((folder / "collection.json").read_text())
            if about["format"] != FORMAT:
                raise CollectionUnreadable(f"{folder}: format {about['format']}, {FORMAT} expected; build it again")

            def arrays(name: str, names: Sequence[str]) -> dict[str, Any]:
                # Viewed as plain arrays, since every slice of a memmap object costs microseconds.
                paths = {array: folder / f"{name}.{array}.npy" for array in names}
                return {
                    array: np.load(path, mmap_mode="r", allow_pickle=False).view(np.ndarray)
                    for array, path in paths.items()
                }

            count = int(about["passages"])
            return cls(
                Postings(**arrays("words", Postings.ARRAYS), passage_count=count),
                Postings(**arrays("bigrams", Postings.ARRAYS), passage_count=count),
                Postings(**arrays("characters", Postings.ARRAYS), passage_count=count),
                LatentSpace(**arrays("space", LatentSpace.ARRAYS)),
                Works(**arrays("works", Works.ARRAYS)),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CollectionUnreadable(f"{folder}: no readable index ({error}); build it again") from error

    def _parts(self) -> dict[str, Postings | LatentSpace | Works]:
        return {
            "words": self.words,
            "bigrams": self.bigrams,
            "characters": self.characters,
            "space": self.space,
            "works": self.works,
        }
