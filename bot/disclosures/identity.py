"""What proves who applied, and what hides it."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from bot.disclosures.terms import ApplicantKind

# OWASP's second profile: a code is eight random characters, and each message of a citizen may cost one check.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Compared with when there is no such request, so that the answer takes as long. No code has this hash.
_NOBODYS_HASH = _HASHER.hash("no code is written in lower case")


def hash_query_code(code: str) -> str:
    """For a code as `normalise_query_code` gives it. The hash holds its own salt."""
    return _HASHER.hash(code)


def query_code_fits(code: str, stored_hash: str | None) -> bool:
    """Whether the code is the one; always the same work, whether or not there is a hash to compare with."""
    try:
        return _HASHER.verify(stored_hash or _NOBODYS_HASH, code) and stored_hash is not None
    except VerifyMismatchError:
        return False


def mask_applicant(name: str, kind: ApplicantKind) -> str:
    """“王小明” → “王**”, “云河某某有限公司” → “云河**”; what is masked already stays."""
    return name[: 1 if kind == ApplicantKind.NATURAL_PERSON else 2].rstrip("*") + "**"
