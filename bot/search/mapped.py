"""Objects in files whose arrays are mapped into memory instead of being read.

Processes that load the same file share its arrays, and loading takes no longer for a large index than for a small one.
Only this project writes such files, so unpickling them is safe.
"""

from __future__ import annotations

import mmap
import os
import pickle
import struct
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar, overload

import numpy as np

T = TypeVar("T")

_HEAD = struct.Struct("<8sQQ")  # mark, bytes of the pickle, number of arrays
_MARK = b"mapped 2"
_SIZE = np.dtype("<u8")
_ALIGNED = 64


class FileUnreadable(Exception):
    """There is no such file, or another version wrote it."""


def save(path: Path, value: object) -> None:
    """Replaces the file in one step. A process that has mapped the old one goes on reading that."""
    buffers: list[pickle.PickleBuffer] = []
    pickled = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    sizes = np.array([buffer.raw().nbytes for buffer in buffers], _SIZE)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.unfinished")
    with unfinished.open("wb") as file:
        file.write(_HEAD.pack(_MARK, len(pickled), len(buffers)))
        file.write(sizes.tobytes())
        file.write(pickled)
        for buffer in buffers:
            file.write(bytes(-file.tell() % _ALIGNED))
            file.write(buffer.raw())
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def load(path: Path) -> Any:
    """The object that was saved; its arrays cannot be written to.

    Raises:
        FileUnreadable
    """
    try:
        with path.open("rb") as file:
            whole = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        mark, length, count = _HEAD.unpack(whole[: _HEAD.size])
        if mark != _MARK:
            raise FileUnreadable(f"{path}: written by another version")
        begin = _HEAD.size + count * _SIZE.itemsize
        sizes = np.frombuffer(whole[_HEAD.size : begin], _SIZE)
        return pickle.loads(whole[begin : begin + length], buffers=_arrays(whole, begin + length, sizes))  # noqa: S301
    except (
        OSError, EOFError, ValueError, AttributeError, ImportError, KeyError, IndexError, TypeError, struct.error,
        pickle.UnpicklingError,
    ) as error:  # fmt: skip
        raise FileUnreadable(f"{path}: {type(error).__name__}") from None


def _arrays(whole: memoryview, at: int, sizes: Iterable[Any]) -> Iterator[memoryview]:
    for size in map(int, sizes):
        at += -at % _ALIGNED
        yield whole[at : at + size]
        at += size


class Packed(Sequence[T], Generic[T]):
    """A sequence that keeps its elements pickled, one by one, and reads one when it is asked for.

    In a mapped file a hundred thousand passages so take no memory until they are shown.
    """

    def __init__(self, elements: Iterable[T]) -> None:
        packed = bytearray()
        ends = [0]
        for element in elements:
            packed += pickle.dumps(element, protocol=5)
            ends.append(len(packed))
        self._packed = np.frombuffer(packed, np.uint8)
        self._ends = np.array(ends, np.int64)

    @classmethod
    def joined(cls, pieces: Sequence[tuple[Packed[T], int, int]]) -> Packed[T]:
        """Parts of other sequences, each with the places where it begins and ends, one after the other."""
        joined = cls(())
        spans = [(source._packed, source._ends[begin : end + 1]) for source, begin, end in pieces]
        joined._packed = np.concatenate([joined._packed, *(packed[ends[0] : ends[-1]] for packed, ends in spans)])
        joined._ends = np.cumsum(np.concatenate([[0], *(np.diff(ends) for _, ends in spans)]), dtype=np.int64)
        return joined

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, place: int) -> T: ...

    @overload
    def __getitem__(self, place: slice) -> list[T]: ...

    def __getitem__(self, place: int | slice) -> T | list[T]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        at = range(len(self))[place]
        element: T = pickle.loads(self._packed[self._ends[at] : self._ends[at + 1]].data)  # noqa: S301
        return element
