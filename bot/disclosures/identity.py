"""Hashes and checks query codes, and masks the names of applicants."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from bot.disclosures.terms import ApplicantKind

# The second Argon2id setting that OWASP recommends. It is cheap enough to check a code for each message, and a code
# of eight random characters needs no stronger one.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Used when the request does not exist, so that the check takes as long as for a wrong code. No code has this hash.
_NOBODYS_HASH = _HASHER.hash("no code is written in lower case")


def hash_query_code(code: str) -> str:
    """The hash, with its salt, of a code in the form of `normalise_query_code`."""
    return _HASHER.hash(code)


def query_code_fits(code: str, stored_hash: str | None) -> bool:
    """Whether the code has this hash. Takes the same time if there is no hash."""
    try:
        return _HASHER.verify(stored_hash or _NOBODYS_HASH, code) and stored_hash is not None
    except VerifyMismatchError:
        return False


def mask_applicant(name: str, kind: ApplicantKind) -> str:
    """“王小明” → “王**”, “云河某某有限公司” → “云河**”. A masked name stays as it is."""
    return name[: 1 if kind == ApplicantKind.NATURAL_PERSON else 2].rstrip("*") + "**"
