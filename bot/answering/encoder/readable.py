"""Text as the encoder reads it."""

from __future__ import annotations

import hashlib
import unicodedata

LONGEST = 512
"""In characters; the rest of a text is not read. In Chinese these are about 330 pieces; the model can hold 510."""
DIGEST_BYTES = 16


def readable(text: str) -> str:
    """NFKC, without NUL and lone surrogates, each white space one blank, at most `LONGEST` characters.

    The text is cut before normalising too, since one character can become eighteen.
    """
    sound = text[:LONGEST].encode("utf-8", "ignore").decode().replace("\0", " ")
    return " ".join(unicodedata.normalize("NFKC", sound).split())[:LONGEST].rstrip()


def digest_of(text: str) -> bytes:
    """The digest of the readable text: two texts that read the same share one vector."""
    return hashlib.blake2b(readable(text).encode(), digest_size=DIGEST_BYTES).digest()
