"""The rules for passwords, their hashes and their comparison."""

from __future__ import annotations

import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from bot.staff.guesses import guesses_log10

LEAST_CHARACTERS = 10
MOST_CHARACTERS = 200
LEAST_DIFFERENT_CHARACTERS = 5
# At the sign-in page, about thirty guesses a day are possible for each account and address. With a stolen copy of the
# hashes, about 50 a second for each core are possible.
LEAST_GUESSES_LOG10 = 10.0
# Without l, I, 1, O and 0, which look alike: people read a generated password from a screen and type it.
_GENERATED_FROM = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"

# OWASP's second profile. It takes about 20 ms, which each sign-in waits for. It need not be slower, since the rate of
# guesses is limited elsewhere.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Used when there is no such person, so that the comparison takes the same time.
_NOBODYS_HASH = _HASHER.hash(secrets.token_hex())


class PasswordRefused(ValueError):
    """The password does not meet the rules; the message, in Chinese, says what to change."""


def require_good(password: str, login: str) -> None:
    """Raises PasswordRefused."""
    if len(password) < LEAST_CHARACTERS:
        raise PasswordRefused(f"密码至少 {LEAST_CHARACTERS} 位")
    if len(password) > MOST_CHARACTERS:
        raise PasswordRefused(f"密码最多 {MOST_CHARACTERS} 位")
    if login.casefold() in password.casefold():
        raise PasswordRefused("密码里不能有登录名")
    if len(set(password)) < LEAST_DIFFERENT_CHARACTERS or guesses_log10(password) < LEAST_GUESSES_LOG10:
        raise PasswordRefused(
            "这个密码太常见，别人很快能猜中：姓名拼音、生日、手机号、键盘上连着的键和常用词都容易猜。"
            "请换一个，几个不相干的词连起来，好记又难猜"
        )


def hash_password(password: str) -> str:
    """The hash holds its own salt."""
    return _HASHER.hash(_as_typed_anywhere(password))


def password_fits(password: str, stored_hash: str | None) -> bool:
    """Whether the password is right. Takes the same time without a hash, for which it is always wrong."""
    typed = _as_typed_anywhere(password[: MOST_CHARACTERS + 1])
    try:
        return _HASHER.verify(stored_hash or _NOBODYS_HASH, typed) and stored_hash is not None
    except VerifyMismatchError:
        return False


def needs_rehash(stored_hash: str) -> bool:
    return _HASHER.check_needs_rehash(stored_hash)


def generated_password() -> str:
    """Four groups of four characters, 93 bits."""
    return "-".join("".join(secrets.choice(_GENERATED_FROM) for _ in range(4)) for _ in range(4))


def _as_typed_anywhere(password: str) -> str:
    """The password in the form NFKC: for one key, keyboards may send full-width or half-width, composed or not."""
    return unicodedata.normalize("NFKC", password)
