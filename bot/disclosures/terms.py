"""The basic types of a disclosure request: events, decisions, reasons, applicants, states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """What happens to a request."""

    RECEIVED = "received"
    SUPPLEMENT_REQUESTED = "supplement_requested"
    SUPPLEMENT_RECEIVED = "supplement_received"
    EXTENDED = "extended"
    CONSULTATION_STARTED = "consultation_started"
    CONSULTATION_ENDED = "consultation_ended"
    FEE_NOTIFIED = "fee_notified"
    FEE_PAID = "fee_paid"
    POSTPONED = "postponed"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


CLOSING = (Kind.ANSWERED, Kind.WITHDRAWN)


class Party(StrEnum):
    """Whose opinion is asked: a third party whose rights are at stake, or another agency."""

    THIRD_PARTY = "third_party"
    AGENCY = "agency"


class Decision(StrEnum):
    """How a request is answered (条例 arts. 35 to 39)."""

    ALREADY_PUBLIC = "already_public"
    GRANTED = "granted"
    PARTLY_GRANTED = "partly_granted"
    REFUSED = "refused"
    NOT_HELD = "not_held"
    NOT_RESPONSIBLE = "not_responsible"
    REPEATED = "repeated"
    OTHER_LAW = "other_law"
    NO_PROCESSING_NEEDED = "no_processing_needed"
    NOT_HANDLED = "not_handled"
    COMPLAINT = "complaint"
    PUBLICATION = "publication"


class Reason(StrEnum):
    """The reason of an answer, as the yearly report counts it (条例 art. 50; form of 国办公开办函〔2021〕30号).

    The order is that of the report: refusals, information that cannot be provided, requests not processed, others.
    """

    CLASSIFIED = "classified"
    FORBIDDEN_BY_LAW = "forbidden_by_law"
    SAFETY_AND_STABILITY = "safety_and_stability"
    THIRD_PARTY_RIGHTS = "third_party_rights"
    INTERNAL_AFFAIRS = "internal_affairs"
    PROCESS_INFORMATION = "process_information"
    ENFORCEMENT_FILE = "enforcement_file"
    ADMINISTRATIVE_QUERY = "administrative_query"
    NOT_HELD = "not_held"
    WOULD_HAVE_TO_BE_MADE = "would_have_to_be_made"
    STILL_UNCLEAR = "still_unclear"
    PETITION_OR_COMPLAINT = "petition_or_complaint"
    REPEATED = "repeated"
    PUBLICATION = "publication"
    EXCESSIVE = "excessive"
    CONFIRMATION_OF_KNOWN = "confirmation_of_known"
    FEE_NOT_PAID = "fee_not_paid"
    OTHER = "other"


class ApplicantKind(StrEnum):
    """The kind of applicant, as the yearly report counts it."""

    NATURAL_PERSON = "natural_person"
    COMPANY = "company"
    RESEARCH = "research"
    SOCIAL = "social"
    LEGAL_SERVICE = "legal_service"
    OTHER = "other"


class RequestState(StrEnum):
    """The state of a request on a day.

    `received`: the agency can still ask the applicant for a supplement (补正). `extended`: also postponed (art. 35).
    `abandoned`: a supplement or a fee did not come in time.
    """

    RECEIVED = "received"
    AWAITING_SUPPLEMENT = "awaiting_supplement"
    AWAITING_PAYMENT = "awaiting_payment"
    IN_PROCESS = "in_process"
    CONSULTING = "consulting"
    EXTENDED = "extended"
    ANSWERED = "answered"
    ABANDONED = "abandoned"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Step:
    """One thing that happened to a request. `note` is written for the applicant.

    `respond_by` goes with `supplement_requested`, `working_days` with `extended`, `party` with `consultation_started`,
    `consultation_id` with both ends of a consultation, `amount` (in yuan) and `pay_by` with `fee_notified`, `until`
    with `postponed`, `outcome` with `answered`. `reason` goes with `answered` too, for an outcome that has reasons of
    its own in the yearly report.
    """

    kind: Kind
    on: date
    respond_by: date | None = None
    working_days: int | None = None
    party: Party | None = None
    consultation_id: str | None = None
    amount: int | None = None
    pay_by: date | None = None
    until: date | None = None
    outcome: Decision | None = None
    reason: Reason | None = None
    note: str = ""
