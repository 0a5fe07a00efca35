"""Encrypts what only a named clerk may read again, such as identity numbers. Read by both environments."""

from __future__ import annotations

import hashlib
import hmac
import os
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from bot.settings import Settings, SettingsError


class SealBroken(ValueError):
    """The text was not sealed with this key."""


class Sealer:
    """AES with a signature (Fernet), and a keyed digest by which equal texts can be found without opening them.

    sealer = Sealer(key)
    sealer.open(sealer.seal("王小明"))  # 王小明
    """

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(key)
        self._digest_key = hashlib.sha256(b"digest" + key).digest()

    @classmethod
    def of(cls, settings: Settings) -> Sealer:
        """With the key of `IDENTITY_KEY`, else with one that is made once and kept in `VAR_DIR`, readable by us alone.

        Raises:
            SettingsError: the key is malformed.
        """
        key = settings.identity_key
        return _sealer(key.encode() if key else _kept_key(settings.identity_key_path))

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises SealBroken."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise SealBroken("sealed with another key, or altered") from None

    def digest(self, text: str) -> str:
        return hmac.new(self._digest_key, text.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=4)
def _sealer(key: bytes) -> Sealer:
    try:
        return Sealer(key)
    except ValueError:
        raise SettingsError("IDENTITY_KEY must be 32 bytes in URL-safe base64, 44 characters") from None


def _kept_key(path: Path) -> bytes:
    """Two processes that start at once end up with one key: whoever comes second reads the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_bytes(Fernet.generate_key())
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_bytes()
