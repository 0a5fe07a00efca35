"""The contact that a citizen leaves with a case: sealed, and with a digest by which their other cases are found."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.reviews.models import Case
from bot.sealing import SealBroken, Sealer

_ROWS = 200


def leave_contact(case: Case, contact: str, sealer: Sealer) -> None:
    """`contact`: as `bot.disclosures.answers.read` gives it."""
    case.contact_sealed, case.contact_digest = sealer.seal(contact), sealer.digest(contact)


def digest_older(session: Session, sealer: Sealer) -> None:
    """Digests contacts that were left before there were digests, some at a time.

    One that no key opens any more gets an empty digest, so that it is not tried again.
    """
    older = select(Case).where(Case.contact_sealed.is_not(None), Case.contact_digest.is_(None)).limit(_ROWS)
    for case in session.scalars(older):
        try:
            case.contact_digest = sealer.digest(sealer.open(case.contact_sealed or ""))
        except SealBroken:
            case.contact_digest = ""
    session.flush()
