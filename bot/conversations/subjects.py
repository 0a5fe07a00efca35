"""What a reply is about: a record for each kind of the contract with programs (`docs/replies.md`).

`written` turns a record into `custom`, in which it leaves the process or is stored. `read` is the only function that
reads it back. Standard library only, because the engine's environment imports it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar, TypeVar


@dataclass(frozen=True)
class Subject:
    """`kind`: its name for programs. `likely`: the reply is only an offer."""

    kind: ClassVar[str]
    likely: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class ApprovalItem(Subject):
    """`data`: the whole record as JSON (`bot.replies.approvals.item_record`)."""

    kind = "approval_item"
    code: str
    name: str
    facet: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class ApprovalChoices(Subject):
    kind = "approval_choices"
    codes: tuple[str, ...]


@dataclass(frozen=True)
class ItemOfJointService:
    code: str
    name: str


@dataclass(frozen=True)
class JointServiceGuide(Subject):
    kind = "joint_service"
    code: str
    name: str
    items: tuple[ItemOfJointService, ...]


@dataclass(frozen=True)
class DisclosureStatus(Subject):
    """Days are written as ISO 8601. `answer`: None before the answer."""

    kind = "disclosure_status"
    receipt: str
    state: str
    received_on: str
    due_on: str | None
    working_days_left: int | None
    timeline: tuple[Mapping[str, str], ...]
    legal_basis: tuple[str, ...]
    remedies: tuple[str, ...]
    answer: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class DisclosureIdentity(Subject):
    """`missing`: `receipt` or `query_code`. With no attempts left, look-ups are paused."""

    kind = "disclosure_identity"
    missing: str
    attempts_left: int


@dataclass(frozen=True)
class QuotedSource:
    """`in_force`: None means that nobody has said whether the document is in force. `page`: the address of the passage
    on our own site, without the host. `recognised`: the text is from a scan and may have errors.
    """

    document: str
    number: str | None
    article: str | None
    passage: str
    url: str | None
    published_on: str | None
    in_force: bool | None
    page: str | None = None
    recognised: bool = False


@dataclass(frozen=True)
class PolicyAnswer(Subject):
    """`sources`: the quoted one first."""

    kind = "policy_answer"
    sources: tuple[QuotedSource, ...]


@dataclass(frozen=True)
class OtherDoor(Subject):
    kind = "route"
    code: str
    phone: str
    url: str


@dataclass(frozen=True)
class OfficeFound(Subject):
    """`district`, `duty`, `longitude` and `latitude` (degrees): empty or None where the city does not say."""

    kind = "office"
    code: str
    name: str
    address: str
    hours: str
    phone: str
    district: str = ""
    duty: str = ""
    longitude: float | None = None
    latitude: float | None = None


@dataclass(frozen=True)
class NotOffered(Subject):
    """A matter that is known not to be offered here."""

    kind = "absent"
    name: str
    in_charge: str
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True)
class LetterTaken(Subject):
    kind = "letter"
    case: str
    department: str | None
    due_on: str | None


@dataclass(frozen=True)
class LetterQuoted(Subject):
    """A published letter of another citizen with its answer. `answered_on`: ISO 8601. `page`: without the host."""

    kind = "public_letter"
    title: str
    department: str | None
    answered_on: str
    page: str


@dataclass(frozen=True)
class InterviewQuoted(Subject):
    """An answer in a talk (在线访谈). `title` is the question, `by` who answered; the others as in `LetterQuoted`."""

    kind = "interview_answer"
    title: str
    interview: str
    by: str
    answered_on: str
    page: str


@dataclass(frozen=True)
class Handoff(Subject):
    """`case`: None where a person is only offered."""

    kind = "handoff"
    case: str | None
    online: bool


@dataclass(frozen=True)
class OwnCase(Subject):
    """`case` is None where its number is asked for, `state` where it may not be told yet."""

    kind = "case"
    case: str | None = None
    state: str | None = None
    due_at: str | None = None


@dataclass(frozen=True)
class DeletionAsked(Subject):
    """`receipt`: None where it is asked whether one is sure. `kept`: what the law keeps, a sentence each."""

    kind = "deletion"
    receipt: str | None
    kept: tuple[str, ...]


@dataclass(frozen=True)
class FilingStep(Subject):
    kind = "filing"
    step: int
    of: int


@dataclass(frozen=True)
class FilingDone(FilingStep):
    """After the last step. `due_on`: None where the days are not known."""

    receipt: str
    due_on: str | None = None


@dataclass(frozen=True)
class Smalltalk(Subject):
    kind = "smalltalk"
    topic: str


@dataclass(frozen=True)
class Fallback(Subject):
    """No answer. `suggestions`: names of items and matters, and titles of documents, that may be meant."""

    kind = "fallback"
    suggestions: tuple[str, ...] = ()


# Of two records of one kind, the one with more fields comes first.
SUBJECTS: tuple[type[Subject], ...] = (
    ApprovalItem, ApprovalChoices, JointServiceGuide, DisclosureStatus, DisclosureIdentity, PolicyAnswer, OtherDoor,
    OfficeFound, NotOffered, LetterTaken, LetterQuoted, InterviewQuoted, Handoff, OwnCase, DeletionAsked, FilingDone,
    FilingStep, Smalltalk, Fallback,
)  # fmt: skip
_PARTS: dict[type[Subject], tuple[str, type[Any]]] = {
    JointServiceGuide: ("items", ItemOfJointService),
    PolicyAnswer: ("sources", QuotedSource),
}
R = TypeVar("R")


def written(subject: Subject) -> dict[str, Any]:
    """`custom`: the kind, the fields, and `certainty` if the reply is only an offer."""
    record = {"kind": subject.kind, **_plain(subject)}
    return {**record, "certainty": "likely"} if record.pop("likely") else record


def read(custom: Mapping[str, Any] | None) -> Subject | None:
    """None also for a kind that is unknown, or one that lacks fields, as another version may have written it."""
    for record in SUBJECTS:
        if custom and custom.get("kind") == record.kind:
            try:
                return _read(record, custom)
            except (KeyError, TypeError):
                continue
    return None


def subject_of(message: Mapping[str, Any]) -> Subject | None:
    """What a message is about that came from the engine or was stored."""
    return read(message.get("custom"))


def matter_of(subject: Subject | None) -> str | None:
    """The code of the item, joint service or route, or the title of the document, that the reply tells."""
    if isinstance(subject, (ApprovalItem, JointServiceGuide, OtherDoor)):
        return subject.code
    if isinstance(subject, PolicyAnswer) and subject.sources:
        return subject.sources[0].document
    return None


def _read(record: type[Subject], custom: Mapping[str, Any]) -> Subject:
    values = {**custom, "likely": custom.get("certainty") == "likely"}
    if record in _PARTS:
        name, part = _PARTS[record]
        values[name] = tuple(_filled(part, one) for one in custom[name])
    return _filled(record, values)


def _filled(record: type[R], values: Mapping[str, Any]) -> R:
    """The record with the values that it has fields for. Raises KeyError if one is missing."""
    return record(
        **{
            one.name: tuple(value) if isinstance(value := values[one.name], list) else value
            for one in fields(record)  # type: ignore[arg-type]
            if one.name in values or one.default is MISSING
        }
    )


def _plain(value: Any) -> Any:
    if isinstance(value, (Subject, ItemOfJointService, QuotedSource)):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    return [_plain(one) for one in value] if isinstance(value, tuple) else value
