"""Encrypts what no file may show: what citizens say, who they are, query codes. Used in both environments.

The keys form a ring, the newest first. The newest seals; all of them open. `bot/running/resealing.py` seals everything
again with a new one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.settings import Settings, SettingsError

# What every Fernet token begins with: its version, and a time whose first bytes are zero until the year 2106.
_SEALED_BEGINS = "gAAAA"
_PIECE_BYTES = 64 * 1024
_DIGEST_LINE = "digest "


def is_sealed(text: object) -> bool:
    """Whether the text looks like the output of a `Sealer`; not whether our keys can open it."""
    return isinstance(text, str) and text.startswith(_SEALED_BEGINS)


class SealBroken(ValueError):
    """The text was not sealed with one of these keys, or not as what it is now read as."""


@dataclass(frozen=True)
class KeyRing:
    """`keys`: the newest first. `digest_key` stays when the keys change, so that stored digests still match."""

    keys: tuple[bytes, ...]
    digest_key: bytes

    @classmethod
    def of_keys(cls, *keys: bytes) -> KeyRing:
        return cls(keys, hashlib.sha256(b"digest" + keys[-1]).digest())

    @classmethod
    def parse(cls, text: str) -> KeyRing:
        """One key per line, and one line that begins with `digest` once the first key has been replaced."""
        lines = text.split("\n")
        keys = [line.strip().encode() for line in lines if line.strip() and not line.startswith(_DIGEST_LINE)]
        digests = [line[len(_DIGEST_LINE) :] for line in lines if line.startswith(_DIGEST_LINE)]
        return cls(tuple(keys), bytes.fromhex(digests[0])) if digests else cls.of_keys(*keys)

    def as_text(self) -> str:
        return "\n".join([*(key.decode() for key in self.keys), f"{_DIGEST_LINE}{self.digest_key.hex()}", ""])

    def with_new_key(self) -> KeyRing:
        return KeyRing((Fernet.generate_key(), *self.keys), self.digest_key)

    def newest_only(self) -> KeyRing:
        return KeyRing(self.keys[:1], self.digest_key)


class Sealer:
    """AES with a signature (Fernet), and a keyed digest by which equal texts can be found without opening them.

    `digest_key`: derived from the last key unless given.

    sealer = Sealer(key)
    sealer.open(sealer.seal("王小明"))  # 王小明
    """

    def __init__(self, *keys: bytes, digest_key: bytes | None = None) -> None:
        self._newest = Fernet(keys[0])
        self._all = MultiFernet([Fernet(key) for key in keys])
        self._digest_key = digest_key or KeyRing.of_keys(*keys).digest_key

    @classmethod
    def of(cls, settings: Settings) -> Sealer:
        """With the keys of `IDENTITY_KEY`, else with those kept in `VAR_DIR`; makes a first key there if needed.

        Raises:
            SettingsError: a key is malformed.
        """
        if settings.identity_key:
            return _sealer(settings.identity_key.replace(",", "\n"))
        return _sealer(_kept_keys(settings.identity_key_path))

    def seal(self, text: str) -> str:
        return self._newest.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises SealBroken."""
        try:
            return self._all.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise SealBroken("sealed with another key, or altered") from None

    def seal_object(self, content: dict[str, Any]) -> str:
        return self.seal(json.dumps(content))

    def open_object(self, sealed: str) -> dict[str, Any]:
        """Raises SealBroken, also if a text was sealed that is no JSON object."""
        try:
            content = json.loads(self.open(sealed))
        except ValueError:
            content = None
        if not isinstance(content, dict):
            raise SealBroken("what was sealed is no object")
        return content

    def seal_bytes(self, content: bytes) -> list[str]:
        """The content in sealed pieces, each of a small row: sealing all anew reads many rows at a time."""
        starts = range(0, len(content), _PIECE_BYTES)
        return [self.seal(base64.b64encode(content[start : start + _PIECE_BYTES]).decode()) for start in starts]

    def open_bytes(self, pieces: Iterable[str]) -> bytes:
        """What `seal_bytes` sealed. Raises SealBroken."""
        return b"".join(base64.b64decode(self.open(piece)) for piece in pieces)

    def is_newest(self, sealed: str) -> bool:
        """Whether the newest key sealed it."""
        try:
            self._newest.decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True

    def digest(self, text: str) -> str:
        return hmac.new(self._digest_key, text.encode(), hashlib.sha256).hexdigest()


def own_sealer() -> Sealer:
    """The sealer of this process, by its environment; changed keys are read again."""
    return Sealer.of(_own_settings())


@cache
def _own_settings() -> Settings:
    return Settings.from_environment()


def kept_ring(path: Path) -> KeyRing:
    return KeyRing.parse(path.read_text(encoding="ascii"))


def replace_kept_keys(path: Path, ring: KeyRing) -> None:
    """Replaces the file in one step: readers get the old keys or the new ones. Running processes notice the change."""
    fresh = _written_aside(path, ring.as_text())
    fresh.replace(path)


@lru_cache(maxsize=4)
def _sealer(keys: str) -> Sealer:
    try:
        ring = KeyRing.parse(keys)
        return Sealer(*ring.keys, digest_key=ring.digest_key)
    except (ValueError, IndexError):
        raise SettingsError("IDENTITY_KEY must be 32 bytes in URL-safe base64, 44 characters, or several") from None


def _kept_keys(path: Path) -> str:
    try:
        found = path.stat()
    except FileNotFoundError:
        _make_first_key(path)
        found = path.stat()
    return _read_keys(path, found.st_mtime_ns, found.st_ino)


@lru_cache(maxsize=4)
def _read_keys(path: Path, _written_ns: int, _inode: int) -> str:
    """Reads once for each state of the file, since the keys are needed for every text that is sealed or opened."""
    return path.read_text(encoding="ascii")


def _make_first_key(path: Path) -> None:
    """Makes the key file. Of two processes that start at once, the second one uses the key of the first."""
    fresh = _written_aside(path, Fernet.generate_key().decode())
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _written_aside(path: Path, text: str) -> Path:
    """Writes the content to a new file beside `path`, readable by our own user only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(text, encoding="ascii")
    return fresh
