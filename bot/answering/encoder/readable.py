"""Text as the encoder reads it."""

from __future__ import annotations

import hashlib
import unicodedata

LONGEST = 512
"""Characters; what comes after is not read. Some 330 pieces of Chinese, of 510 that the model can hold."""
DIGEST_BYTES = 16


def readable(text: str) -> str:
    """NFKC, without NUL and lone surrogates, each white space one blank, at most `LONGEST` characters.

    It is cut before it is normalised too, since one character can become eighteen.
    """
    sound = text[:LONGEST].encode("utf-8", "ignore").decode().replace("\0", " ")
    return " ".join(unicodedata.normalize("NFKC", sound).split())[:LONGEST].rstrip()


def digest_of(text: str) -> bytes:
    """Of the text as it is read: two texts that read alike have one vector."""
    return hashlib.blake2b(readable(text).encode(), digest_size=DIGEST_BYTES).digest()
