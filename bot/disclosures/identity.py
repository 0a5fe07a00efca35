"""Hashes and checks query codes, and masks the names of applicants."""

from __future__ import annotations

import hmac

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from bot.disclosures.terms import ApplicantKind
from bot.sealing import own_sealer

# The second Argon2id setting that OWASP recommends. It is cheap enough to check a code for each message, and a code
# of eight random characters needs no stronger one.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_DIGEST_BEGINS = "digest:"
# Used when the request does not exist, so that the check takes as long as for a wrong code. No code has this hash.
_NOBODYS_HASH = _HASHER.hash("no code is written in lower case")


def hash_query_code(code: str) -> str:
    """The hash, with its salt, of a code in the form of `normalise_query_code`."""
    return _HASHER.hash(code)


def digest_query_code(receipt: str, code: str) -> str:
    """A keyed digest in place of the hash, for registers of thousands of codes: hashing each takes minutes.

    It is worth nothing without the key that lies outside the database. The first look-up with the right code replaces
    it by a hash.
    """
    return _DIGEST_BEGINS + own_sealer().digest(f"query code {receipt} {code}")


def is_digest(stored: str) -> bool:
    return stored.startswith(_DIGEST_BEGINS)


def query_code_fits(code: str, stored_hash: str | None, receipt: str = "") -> bool:
    """Whether the code has this hash, or the digest of this receipt. Takes the same time if there is none of both."""
    stored = stored_hash or ""
    keyed = is_digest(stored)
    try:
        fits = _HASHER.verify(stored if stored and not keyed else _NOBODYS_HASH, code) and not keyed and bool(stored)
    except VerifyMismatchError:
        fits = False
    return hmac.compare_digest(digest_query_code(receipt, code), stored) if keyed else fits


def mask_applicant(name: str, kind: ApplicantKind) -> str:
    """“王小明” → “王**”, “云河某某有限公司” → “云河**”. A masked name stays as it is."""
    return name[: 1 if kind == ApplicantKind.NATURAL_PERSON else 2].rstrip("*") + "**"
