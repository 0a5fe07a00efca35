"""Files a confirmed draft (条例 art. 29): stores the request and the encrypted applicant, gives receipt and code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.disclosures.answers import Field, is_person
from bot.disclosures.draft import Draft
from bot.disclosures.models import Applicant, Request
from bot.disclosures.numbering import next_receipt
from bot.disclosures.service import record_request
from bot.disclosures.terms import ApplicantKind
from bot.language.receipts import new_query_code
from bot.language.text import normalise
from bot.sealing import Sealer
from bot.workdays import today_in_china

# Similarity from which two descriptions count as the same request.
_ALIKE = 0.7


@dataclass(frozen=True)
class Filed:
    request: Request
    query_code: str


def file_request(
    session: Session, draft: Draft, sealer: Sealer, now: datetime, text_conversation: str | None = None
) -> Filed:
    """Stores a confirmed draft. Both sides confirm it today, so today is its day of receipt (条例 art. 31, item 3).

    `text_conversation`: the conversation of a text channel in which it was filed. It is kept with the identity, sealed,
    so that reminders can go there.
    """
    answers = draft.answers
    received_on = today_in_china(now)
    query_code = new_query_code()
    request = record_request(
        session,
        receipt=next_receipt(session, received_on.year),
        query_code=query_code,
        applicant_kind=ApplicantKind(answers[Field.APPLICANT_KIND]),
        applicant=answers[Field.NAME],
        description=answers[Field.INFORMATION],
        department_code=answers[Field.DEPARTMENT],
        received_on=received_on,
        submitted_via="网上",
    )
    request.form_wanted, request.delivery = answers[Field.FORM], answers[Field.DELIVERY]
    identity = _identity_of(draft) | ({"text_conversation": text_conversation} if text_conversation else {})
    request.applicant = Applicant(sealed=sealer.seal_object(identity), digest=applicant_digest(draft, sealer))
    session.flush()
    return Filed(request, query_code)


def earlier_alike(session: Session, draft: Draft, sealer: Sealer) -> Request | None:
    """The applicant's newest earlier request to the same department for similar information; None if there is none.

    Identity number and contact must both match, because the identity number alone does not prove who is asking.
    """
    own = session.scalars(
        select(Request)
        .join(Applicant)
        .where(
            Applicant.digest == applicant_digest(draft, sealer),
            Request.department_code == draft.answers[Field.DEPARTMENT],
        )
        .order_by(Request.received_on.desc(), Request.receipt.desc())
    )
    asked = normalise(draft.answers[Field.INFORMATION])
    return next((request for request in own if _likeness(normalise(request.description), asked) >= _ALIKE), None)


def applicant_digest(draft: Draft, sealer: Sealer) -> str:
    return sealer.digest(f"{draft.answers[Field.IDENTITY]} {draft.answers[Field.CONTACT]}")


def _identity_of(draft: Draft) -> dict[str, str]:
    answers = draft.answers
    return {
        "name": answers[Field.NAME],
        "identity_kind": "身份证件" if is_person(answers) else "统一社会信用代码",
        "identity_number": answers[Field.IDENTITY],
        "contact": answers[Field.CONTACT],
        "address": answers.get(Field.ADDRESS, ""),
    }


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
