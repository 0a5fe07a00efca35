"""Stores vectors by the content of their text, so that only new texts are encoded.

There is one file per model, with records of 400 bytes: the digest of a text, and its vector in eight bits a number.
The vectors of the sample city ship with the code; others are appended in `VAR_DIR/vectors`, by one process at a time.
Readers need no lock, since records never change: when old texts are dropped, a new file replaces the old one.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.answering.encoder.readable import DIGEST_BYTES, digest_of
from bot.answering.encoder.weights import WIDTH, Floats, fingerprint, weights_path
from bot.places import ROOT
from bot.settings import Settings

SHIPPED = ROOT / "bot" / "samples" / "vectors"
_RECORD = np.dtype([("digest", f"V{DIGEST_BYTES}"), ("vector", "i1", WIDTH)])
_LARGEST = 127
# Texts encoded while the lock is held: some seconds of work, the most that a crash can lose.
_TOGETHER = 32

Encode = Callable[[str], Floats]


@dataclass(frozen=True)
class _Held:
    """The content of a file when it was read."""

    stamp: tuple[int, int]
    records: NDArray[np.void]
    places: dict[bytes, int]


class _File:
    def __init__(self, path: Path) -> None:
        self.path = path
        self._held = _Held((0, 0), np.zeros(0, _RECORD), {})

    def packed(self, digest: bytes) -> NDArray[np.int8] | None:
        held = self._held
        place = held.places.get(digest)
        return None if place is None else np.asarray(held.records["vector"][place], np.int8)

    def refresh(self) -> None:
        """Reads the file again if it has changed. Other threads see either the old state or the new one."""
        stamp = self.stamp_now()
        if stamp != self._held.stamp:
            records = _records(self.path)
            places = {digest.tobytes(): place for place, digest in enumerate(records["digest"])}
            self._held = _Held(stamp, records, places)

    def stamp_now(self) -> tuple[int, int]:
        try:
            found = self.path.stat()
        except OSError:
            return 0, 0
        return found.st_ino, found.st_size


class VectorStore:
    """The stored vectors of one encoder. Without an encoder it finds nothing and stores nothing."""

    def __init__(self, kept: Path | None, shipped: Path | None = None) -> None:
        self._kept = kept
        self._files = [_File(path) for path in (shipped, kept) if path]

    @classmethod
    def of(cls, settings: Settings) -> VectorStore:
        weights = weights_path(settings)
        if weights is None:
            return cls(None)
        name = f"{fingerprint(weights)}.vectors"
        return cls(settings.vectors_dir / name, SHIPPED / name)

    @property
    def stamp(self) -> tuple[tuple[int, int], ...]:
        """Changes when the files change: then texts that had no vector may have one."""
        return tuple(file.stamp_now() for file in self._files)

    def lookup(self, texts: Sequence[str]) -> tuple[Floats, NDArray[np.bool_]]:
        """One row per text, of length one, or zeros if there is no vector; and for each text whether there is one."""
        self._refresh()
        found = np.zeros((len(texts), WIDTH), np.float32)
        for row, text in zip(found, texts, strict=True):
            packed = self._packed(digest_of(text))
            if packed is not None:
                row[:] = packed
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        np.divide(found, lengths, out=found, where=lengths > 0)
        return found, lengths[:, 0] > 0

    def missing(self, texts: Sequence[str]) -> list[str]:
        """The texts that have no vector, in their order; of texts that read the same only one."""
        self._refresh()
        by_digest = {digest_of(text): text for text in texts}
        return [text for digest, text in by_digest.items() if self._packed(digest) is None]

    def make(self, texts: Sequence[str], encode: Encode) -> Iterator[int]:
        """Encodes and stores what is missing; yields how many texts are done so far.

        Several processes may do this at once: none of them repeats what another has made.
        """
        if self._kept is None:
            return
        for start in range(0, len(texts), _TOGETHER):
            batch = texts[start : start + _TOGETHER]
            with _alone(self._kept):
                missing = self.missing(batch)
                _append(self._kept, [(digest_of(text), packed_vector(encode(text))) for text in missing])
            yield start + len(batch)

    def keep_only(self, texts: Sequence[str]) -> int:
        """Drops the vectors of all other texts. Returns how many were dropped."""
        if self._kept is None or not self._kept.exists():
            return 0
        wanted = {digest_of(text) for text in texts}
        with _alone(self._kept):
            records = _records(self._kept)
            kept = records[[digest.tobytes() in wanted for digest in records["digest"]]]
            if len(kept) < len(records):
                write_records(self._kept, kept)
        return len(records) - len(kept)

    def _refresh(self) -> None:
        for file in self._files:
            file.refresh()

    def _packed(self, digest: bytes) -> NDArray[np.int8] | None:
        for file in self._files:
            vector = file.packed(digest)
            if vector is not None:
                return vector
        return None


def packed_vector(vector: Floats) -> NDArray[np.int8]:
    """The direction of the vector in eight bits a number, the largest being 127."""
    return np.asarray(np.rint(vector / np.abs(vector).max() * _LARGEST), np.int8)


def write_records(path: Path, records: NDArray[np.void]) -> None:
    """Replaces the file. A process that has the old file open goes on reading that."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".unfinished", delete=False) as unfinished:
        unfinished.write(records.tobytes())
    Path(unfinished.name).replace(path)


def _append(path: Path, made: Sequence[tuple[bytes, NDArray[np.int8]]]) -> None:
    if not made:
        return
    with path.open("ab") as file:
        # A process that died while writing may have left part of a record.
        file.truncate(file.tell() // _RECORD.itemsize * _RECORD.itemsize)
        file.write(np.array(made, _RECORD).tobytes())
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Locks the file, so that no other process writes it meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _records(path: Path) -> NDArray[np.void]:
    with suppress(OSError, ValueError):
        whole = path.stat().st_size // _RECORD.itemsize
        if whole:
            return np.memmap(path, _RECORD, "r", shape=(whole,))
    return np.zeros(0, _RECORD)
