"""The keys, which are backed up apart: whoever finds a backup cannot open what is sealed in it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from bot.backup.manifest import BackupRefused
from bot.sealing import KeyRing, Sealer, kept_ring
from bot.settings import Settings, SettingsError


def ring_of(settings: Settings) -> KeyRing | None:
    """The keys in use; None if none was made yet. Raises SettingsError if they are malformed."""
    if settings.identity_key:
        ring = KeyRing.parse(settings.identity_key.replace(",", "\n"))
    elif settings.identity_key_path.exists():
        ring = kept_ring(settings.identity_key_path)
    else:
        return None
    Sealer(*ring.keys, digest_key=ring.digest_key)
    return ring


def read_ring(path: Path) -> KeyRing:
    """Raises BackupRefused."""
    try:
        ring = kept_ring(path)
        Sealer(*ring.keys, digest_key=ring.digest_key)
    except (ValueError, IndexError, SettingsError):
        raise BackupRefused(f"{path} 不是密钥文件") from None
    return ring


def fingerprints(ring: KeyRing | None) -> list[str]:
    """Name the keys and the key of the digests without telling them."""
    return [] if ring is None else [_fingerprint(key) for key in (*ring.keys, ring.digest_key)]


def _fingerprint(key: bytes) -> str:
    return hashlib.sha256(b"fingerprint " + key).hexdigest()[:16]


def write_apart(ring: KeyRing, folder: Path) -> Path:
    """Writes the keys to a file of their own that only its owner may read; the same keys are the same file."""
    folder.mkdir(parents=True, exist_ok=True)
    text = ring.as_text()
    path = folder / f"assistant-{_fingerprint(text.encode())}.keys"
    put(path, text)
    return path


def put(path: Path, text: str) -> None:
    """Raises BackupRefused: other keys lie there."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if path.read_text(encoding="ascii") != text:
            raise BackupRefused(f"{path} 已经有别的密钥，不覆盖") from None
        return
    with open(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
