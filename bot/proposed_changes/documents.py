"""Changes of documents: a new document or version, whether it is in force, whether it is quoted.

`wanted` names the act. `store` has the whole version as data, so that what was shown is what is stored; it also brings
back the version before, when a change is undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.documents import changes
from bot.documents.comparing import ComparedPiece, compared
from bot.documents.content import Particulars
from bot.documents.editing import Upload, as_read, current_digest, mark_in_force, mark_repealed
from bot.documents.importer import store_document
from bot.documents.models import Document
from bot.documents.passages import Excerpt
from bot.documents.reader import ReadDocument
from bot.laws.document_repeals import said_to_end
from bot.proposed_changes.difference import ChangeRefused, Difference, Wanted, between
from bot.proposed_changes.models import ProposedChange
from bot.settings import Settings
from bot.staff import audit


class Act(StrEnum):
    STORE = "store"
    REPEAL = "repeal"
    RESTORE = "restore"
    WITHDRAW = "withdraw"
    RETURN = "return"


_LOGGED = {
    Act.STORE: "store_document",
    Act.REPEAL: "repeal_document",
    Act.RESTORE: "restore_document",
    Act.WITHDRAW: "withdraw_document",
    Act.RETURN: "return_document",
}
_QUOTED, _WITHDRAWN = "可以引用", "已撤下，不再引用"


def stored(upload: Upload, name: str) -> Wanted:
    """`name`: of the uploaded file."""
    return _version(upload.read, upload.digest, name, is_withdrawn=False)


def repealed(on: date, by: str) -> Wanted:
    """`by`: the document that repeals it, as answers name it."""
    return {"act": Act.REPEAL, "on": on.isoformat(), "by": by}


def read_of(wanted: Wanted) -> ReadDocument | None:
    """The document that is to be stored; None for every other act."""
    return _read(wanted["read"]) if wanted["act"] == Act.STORE else None


def differences(session: Session, _: Settings, change: ProposedChange) -> list[Difference]:
    document, wanted = _find(session, change.subject), change.wanted
    act = Act(wanted["act"])
    if act == Act.STORE:
        return _differences_of_version(session, document, wanted)
    known = _known(document)
    if act in (Act.WITHDRAW, Act.RETURN):
        return between(_quoted(known.withdrawn_at is not None), _quoted(act == Act.WITHDRAW))
    before = as_read(session, known)
    old, new = _force(before.particulars), _force(_marked(before, wanted).particulars)
    if act == Act.RESTORE and old == new:
        # Somebody says again that it is in force, because another document says that it is not.
        old["效力"] += "".join(f"（{said}）" for said in _doubts(session, known))
    return between(old, new)


def apply(session: Session, _: Settings, change: ProposedChange, now: datetime) -> Wanted:
    before, wanted, who = _find(session, change.subject), change.wanted, change.proposed_by
    act = Act(wanted["act"])
    reverse = _reverse(session, before, act)
    if act == Act.STORE:
        document = store_document(session, change.subject, _read(wanted["read"]), wanted["digest"], who=who)
        if wanted["is_withdrawn"]:
            changes.withdraw(session, document, who=who, at=now)
    else:
        document = _known(before)
        _make(session, document, wanted, change, now)
    why = f"第 {document.current_version} 版，{_particular(wanted) or change.why}"
    audit.record(session, who=who, action=_LOGGED[act], subject=document.key, why=why, at=now)
    return reverse


def _particular(wanted: Wanted) -> str:
    """What the audit log tells of the act besides its name; empty where the reason says it."""
    return f"{wanted['on']} 起，{wanted['by']}" if wanted["act"] == Act.REPEAL else wanted.get("name", "")


def _make(session: Session, document: Document, wanted: Wanted, change: ProposedChange, now: datetime) -> None:
    who = change.proposed_by
    match Act(wanted["act"]):
        case Act.REPEAL:
            mark_repealed(session, document, on=date.fromisoformat(wanted["on"]), by=wanted["by"], who=who)
        case Act.RESTORE:
            mark_in_force(session, document, is_doubted=True, who=who)
        case Act.WITHDRAW:
            changes.withdraw(session, document, who=who, at=now)
        case _:
            changes.take_back(session, document, who=who, at=now)


def _reverse(session: Session, before: Document | None, act: Act) -> Wanted:
    if before is None or act == Act.RETURN:
        return {"act": Act.WITHDRAW}
    if act == Act.WITHDRAW:
        return {"act": Act.RETURN}
    is_withdrawn = before.withdrawn_at is not None
    return _version(as_read(session, before), current_digest(session, before), "", is_withdrawn=is_withdrawn)


def _find(session: Session, key: str) -> Document | None:
    return session.scalars(select(Document).where(Document.key == key)).one_or_none()


def _known(document: Document | None) -> Document:
    if document is None:
        raise ChangeRefused("没有这份文件了")
    return document


def _doubts(session: Session, document: Document) -> list[str]:
    return [f"《{said.by.title}》说已废止" for said in said_to_end(session) if said.document.id == document.id]


def _marked(read: ReadDocument, wanted: Wanted) -> ReadDocument:
    changed: dict[str, object] = {"in_force": True, "repealed_on": None, "repealed_by": None}
    if wanted["act"] == Act.REPEAL:
        on = date.fromisoformat(wanted["on"])
        changed = {"in_force": False, "repealed_on": on, "repealed_by": wanted["by"]}
    return replace(read, particulars=read.particulars.model_copy(update=changed))


def _differences_of_version(session: Session, document: Document | None, wanted: Wanted) -> list[Difference]:
    after = _read(wanted["read"])
    before = as_read(session, document) if document else None
    old = _facts(before) | _quoted(bool(document and document.withdrawn_at)) if before else {}
    new = _facts(after) | _quoted(bool(wanted["is_withdrawn"]))
    return [*between(old, new), *_differing_passages(before.excerpts if before else [], after.excerpts)]


def _differing_passages(before: Sequence[Excerpt], after: Sequence[Excerpt]) -> list[Difference]:
    return [
        Difference(pair.place or "正文", _text(pair.before), _text(pair.after))
        for pair in compared(before, after)
        if not pair.is_same
    ]


def _text(pieces: Sequence[ComparedPiece]) -> str:
    return "".join(piece.text for piece in pieces)


def _facts(read: ReadDocument) -> dict[str, str]:
    given = read.particulars
    return {
        "标题": read.title,
        "文号": given.number or "",
        "发布单位": given.issuer or "",
        "公布": str(given.published_on or ""),
        "施行": str(given.effective_on or ""),
        **_force(given),
        "网址": given.url or "",
    }


def _force(given: Particulars) -> dict[str, str]:
    return {
        "效力": "已废止" if given.says_repealed else "有效" if given.in_force else "没有写明",
        "废止日期": str(given.repealed_on or ""),
        "废止依据": given.repealed_by or "",
    }


def _quoted(is_withdrawn: bool) -> dict[str, str]:
    return {"引用": _WITHDRAWN if is_withdrawn else _QUOTED}


def _version(read: ReadDocument, digest: str, name: str, *, is_withdrawn: bool) -> Wanted:
    return {
        "act": Act.STORE,
        "name": name,
        "digest": digest,
        "is_withdrawn": is_withdrawn,
        "read": {
            "title": read.title,
            "particulars": read.particulars.model_dump(mode="json"),
            "excerpts": [[one.heading, one.article, one.paragraphs] for one in read.excerpts],
            "is_recognised": read.is_recognised,
        },
    }


def _read(stored_as: Wanted) -> ReadDocument:
    return ReadDocument(
        stored_as["title"],
        Particulars.model_validate(stored_as["particulars"]),
        [Excerpt(heading, article, paragraphs) for heading, article, paragraphs in stored_as["excerpts"]],
        is_recognised=stored_as["is_recognised"],
    )
