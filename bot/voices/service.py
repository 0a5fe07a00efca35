"""What citizens and staff do with letters: file, look up, hold, release, and publish by consent of both sides."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.departments import get_department
from bot.conversations.channels import FORM
from bot.conversations.outcomes import Outcome
from bot.conversations.provenance import Provenance
from bot.conversations.service import new_conversation_id, open_conversation, store_answer, store_message
from bot.conversations.staff_messages import staff_messages
from bot.db import added, locked
from bot.disclosures.answers import Field, NotAnAnswer, read
from bot.disclosures.identity import hash_query_code, query_code_fits
from bot.disclosures.service import attempts_left, begin_attempt, record_attempt
from bot.language.case_numbers import find_case_number
from bot.language.masking import mask
from bot.language.receipts import new_query_code, normalise_query_code
from bot.language.text import bare, normalise
from bot.links import NO_WEB_ADDRESS, leads_elsewhere
from bot.reviews.contacts import leave_contact
from bot.reviews.models import Case
from bot.reviews.reasons import ClosedAs, Kind, Reason
from bot.reviews.requirements import require_owner_or_department
from bot.reviews.service import NoSuchCase, get_case, open_case, survivor
from bot.reviews.states import Action, CaseActionRefused, change
from bot.sealing import own_sealer
from bot.staff import audit
from bot.staff.models import Person
from bot.voices.holding import holds_of
from bot.voices.models import PublicLetter, Voice
from bot.voices.public import forget_letters
from bot.voices.terms import (
    HOLD_TITLES,
    KINDS,
    LEAST_WORDS,
    MOST_ANSWER,
    MOST_CONTACT,
    MOST_TITLE,
    MOST_WHY,
    MOST_WORDS,
    NoSuchVoice,
    VoiceRefused,
)
from bot.workdays import CHINA

# Within this time the same text counts as sent twice.
SAME_WITHIN = timedelta(days=30)


@dataclass(frozen=True)
class NewVoice:
    """What a citizen writes on the form, trimmed and checked; `contact` is empty or a number or address to write to."""

    kind: Kind
    title: str
    words: str
    department_code: str | None
    contact: str
    is_public_wished: bool

    @property
    def text(self) -> str:
        return f"{self.title}\n{self.words}"


@dataclass(frozen=True)
class FiledVoice:
    """`query_code`: shown once. `is_new`: false if this very form had been sent before."""

    voice: Voice
    query_code: str
    is_new: bool = True


@dataclass(frozen=True)
class VoiceLookUp:
    """`voice`: None if number and code do not fit. `attempts_left`: 0 during a pause."""

    voice: Voice | None
    attempts_left: int


def checked(session: Session, form: Mapping[str, str]) -> NewVoice:
    """The letter of the form's fields `kind`, `title`, `words`, `department`, `contact`, `public`.

    Raises:
        VoiceRefused: says which field is wrong, and how.
    """
    title, words, contact = (as_written(form.get(name, "")) for name in ("title", "words", "contact"))
    title = " ".join(title.split())
    if form.get("kind") not in [kind.value for kind in KINDS]:
        raise VoiceRefused("请选来信的种类")
    if not title or len(title) > MOST_TITLE:
        raise VoiceRefused(f"请写标题，最多 {MOST_TITLE} 个字")
    if len(bare(words)) < LEAST_WORDS or len(words) > MOST_WORDS:
        raise VoiceRefused(f"请写明内容，{LEAST_WORDS} 到 {MOST_WORDS} 个字")
    department = form.get("department", "")
    if department and get_department(session, department) is None:
        raise VoiceRefused("没有这个部门，请重新选；不知道归谁管的可以不选")
    return NewVoice(
        kind=Kind(form["kind"]),
        title=title,
        words=words,
        department_code=department or None,
        contact=checked_contact(contact),
        is_public_wished=form.get("public") == "yes",
    )


def as_written(text: str) -> str:
    """The text with lines that end as the writer's browser counts them, and without characters that nobody sees.

    Some of these turn the direction of what stands behind them, on other people's pages too.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    return "".join(one for one in lines if one == "\n" or unicodedata.category(one) not in ("Cc", "Cf")).strip()


def checked_contact(text: str) -> str:
    """A number or an address, or empty. Raises VoiceRefused."""
    if not text:
        return ""
    try:
        return read(Field.CONTACT, text[:MOST_CONTACT], {})
    except NotAnAnswer:
        raise VoiceRefused("联系方式请写手机号或者邮箱，也可以不写") from None


def file_voice(session: Session, new: NewVoice, form_id: str, now: datetime, *, is_often: bool) -> FiledVoice:
    """Opens a case for the letter, in a conversation of its own.

    The same form with the same words gives the same case and a new query code: whoever holds the form wrote it.

    Args:
        form_id: random, made with the empty form.
        is_often: several letters came from one network in a short time.
    """
    digest = _text_digest(new.words)
    # Of the same form sent twice at once, the second waits here and finds the letter of the first.
    conversation = open_conversation(session, f"{FORM}-{form_id}", FORM, now)
    before = session.scalar(select(Voice).join(Case).where(Case.conversation_id == conversation.id))
    if before is not None and before.text_digest == digest:
        return FiledVoice(before, _renew_code(before), is_new=False)
    if before is not None:  # written anew after a step back in the browser
        form_id = new_conversation_id()
        conversation = open_conversation(session, f"{FORM}-{form_id}", FORM, now)
    message = store_message(session, conversation, new.text, now, client_id=form_id)
    store_answer(session, message.id, [], Provenance(Outcome.TAKEN_DOWN), now)
    holds = holds_of(new.text, is_often=is_often, is_same=_came_lately(session, digest, now))
    case = open_case(
        session,
        conversation.id,
        FORM,
        Reason.TAKEN_DOWN,
        [],
        now,
        question=new.text,
        kind=new.kind,
        department_code=new.department_code,
    )
    if new.contact:
        leave_contact(case, new.contact, own_sealer())
    voice, code = begin(session, case, new.title, new.words, now, is_public_wished=new.is_public_wished)
    if holds:
        voice.holds = [hold.value for hold in holds]
        change(session, case, Action.HOLD, None, now, hold_words(voice))
    return FiledVoice(voice, code)


def begin(
    session: Session, case: Case, title: str, words: str, now: datetime, *, is_public_wished: bool = False
) -> tuple[Voice, str]:
    """Gives a new case what a letter has, and returns its query code, which is kept only as a hash.

    Also for letters that are taken down in a conversation.
    """
    code = new_query_code()
    voice = Voice(
        case=case,
        query_code_hash=_hash(code),
        title=mask(title),
        text_digest=_text_digest(words),
        filed_at=now,
        holds=[],
        is_public_wished=is_public_wished,
        public_title="",
        public_question="",
        public_answer="",
    )
    session.add(voice)
    session.flush()
    return voice, code


def _renew_code(voice: Voice) -> str:
    code = new_query_code()
    voice.query_code_hash = _hash(code)
    return code


def _hash(code: str) -> str:
    return hash_query_code(normalise_query_code(code) or code)


def _text_digest(words: str) -> str:
    return own_sealer().digest(f"letter {bare(words)}")


def _came_lately(session: Session, digest: str, now: datetime) -> bool:
    same = select(Voice.id).where(Voice.text_digest == digest, Voice.filed_at > now - SAME_WITHIN)
    return session.scalar(same.limit(1)) is not None


def hold_words(voice: Voice) -> str:
    return "；".join(HOLD_TITLES.get(hold, hold) for hold in voice.holds)


def look_up(session: Session, number: str, query_code: str, client: str, now: datetime) -> VoiceLookUp:
    """The letter if the code is right. Wrong tries are counted as those for disclosure requests are."""
    canonical = canonical_number(number) or number.strip()
    if begin_attempt(session, canonical, client, now) == 0:
        return VoiceLookUp(None, 0)
    found = voice_of_number(session, canonical) if canonical_number(number) else None
    fits = query_code_fits(normalise_query_code(query_code) or query_code, found.query_code_hash if found else None)
    record_attempt(session, canonical, client, now, failed=not fits)
    return VoiceLookUp(found if fits else None, attempts_left(session, client, now, canonical))


def canonical_number(text: str) -> str | None:
    """“ａｊ 12” and “12” → `AJ-000012`, so that tries are counted for one number however it is written."""
    plain = normalise(text)
    return find_case_number(plain) or find_case_number(f"AJ-{plain}")


def voice_of_number(session: Session, number: str) -> Voice | None:
    try:
        return voice_of(session, get_case(session, number))
    except NoSuchCase:
        return None


def voice_of(session: Session, case: Case) -> Voice | None:
    """What the case has as a letter; None if it is none, such as a question that the bot could not answer."""
    return session.scalar(select(Voice).where(Voice.case_id == case.id))


def last_answer(session: Session, case: Case) -> str:
    """The text of the last final answer to the citizen; empty if there is none."""
    answered_at = survivor(session, case).answered_at
    lines = reversed(staff_messages(session, case.conversation_id))
    return next((line.text for line in lines if line.by_name and line.at == answered_at), "")


def published(session: Session, voice: Voice) -> PublicLetter | None:
    return session.get(PublicLetter, voice.id)


# What the citizen decides.


def set_wish(session: Session, voice: Voice, is_wished: bool, now: datetime) -> None:
    """Consent to publication in general, given or withdrawn. Withdrawing takes the letter down at once."""
    voice = _locked(session, voice)
    if voice.is_public_wished == is_wished:
        return
    voice.is_public_wished = is_wished
    change(session, voice.case, Action.WISH_PUBLIC, None, now, "愿意公开" if is_wished else "不公开")
    if not is_wished:
        voice.agreed_at = None
        _take_down(session, voice)


def agree(session: Session, voice: Voice, now: datetime) -> None:
    """The citizen agrees to exactly the wording that is proposed.

    Raises:
        VoiceRefused: nothing is proposed.
        CaseActionRefused: the case has been opened again.
    """
    voice = _locked(session, voice)
    if not voice.public_question or not voice.is_public_wished:
        raise VoiceRefused("还没有拟好要公开的文字")
    if voice.agreed_at is None:
        voice.agreed_at = now
        change(session, voice.case, Action.AGREE_PUBLIC, None, now)
        _publish_if_agreed(session, voice, now)


# What staff decide. Each raises CaseActionRefused; the caller then rolls back and has checked the permission.


def release(session: Session, case: Case, person: Person, now: datetime) -> None:
    """The letter that was held back is handled like any other."""
    change(session, case, Action.RELEASE, person, now)


def refuse(session: Session, case: Case, person: Person, now: datetime, why: str) -> None:
    """The letter that was held back is not handled; the citizen reads why."""
    why = _required(why, "不受理的理由，来信人看得到", MOST_WHY)
    values = {"outcome": ClosedAs.REFUSED, "closed_at": now, "citizen_waits": False}
    change(session, case, Action.REFUSE, person, now, why, **values)


def propose(
    session: Session, case: Case, person: Person, now: datetime, *, title: str, question: str, answer: str
) -> None:
    """Writes down the wording to be published; a new wording needs both consents again.

    Title and question are masked once more. The answer is kept as written, since it may name offices and telephones.
    """
    require_owner_or_department(case, person)
    voice = _letter_of(session, case)
    if not voice.is_public_wished:
        raise CaseActionRefused("来信人没有同意公开")
    if case.answered_at is None:
        raise CaseActionRefused("还没有答复，答复后才能公开")
    voice.public_title = mask(_required(title, "公开的标题", MOST_TITLE))
    voice.public_question = mask(_required(question, "公开的来信", MOST_WORDS))
    voice.public_answer = _required(answer, "公开的答复", MOST_ANSWER)
    voice.proposed_by_id, voice.agreed_at, voice.approved_at = person.id, None, None
    _take_down(session, voice)
    change(session, case, Action.PROPOSE_PUBLIC, person, now)


def approve(session: Session, case: Case, person: Person, now: datetime) -> bool:
    """The city agrees to the wording; its author cannot. True if it is published now, since the citizen agreed too."""
    voice = _letter_of(session, case)
    if not voice.public_question or not voice.is_public_wished:
        raise CaseActionRefused("还没有拟好要公开的文字，或者来信人不同意公开")
    if voice.proposed_by_id == person.id:
        raise CaseActionRefused("自己拟的公开文字要由别人审核")
    if voice.approved_at is None:
        voice.approved_at = now
        change(session, case, Action.APPROVE_PUBLIC, person, now)
        audit.record(session, who=person.login, action="publish_letter", subject=case.number, why="", at=now)
    return _publish_if_agreed(session, voice, now)


def withdraw(session: Session, case: Case, person: Person, now: datetime, why: str) -> None:
    """The city takes the letter down; to publish it again needs a new approval."""
    voice = _letter_of(session, case)
    why = _required(why, "撤下的理由", MOST_WHY)
    if voice.approved_at is None:
        raise CaseActionRefused("这封信没有公开")
    voice.approved_at = None
    _take_down(session, voice)
    change(session, case, Action.WITHDRAW_PUBLIC, person, now, why)
    audit.record(session, who=person.login, action="withdraw_letter", subject=case.number, why=why, at=now)


def _letter_of(session: Session, case: Case) -> Voice:
    voice = voice_of(session, case)
    if voice is None:
        raise CaseActionRefused(f"{case.number} 不是来信，不能公开")
    return _locked(session, voice)


def _locked(session: Session, voice: Voice) -> Voice:
    """So that of two people who act at once, the second sees what the first did."""
    fresh = locked(session, Voice, voice.id)
    if fresh is None:
        raise NoSuchVoice(voice.id)
    return fresh


def _publish_if_agreed(session: Session, voice: Voice, now: datetime) -> bool:
    case = voice.case
    if voice.agreed_at is None or voice.approved_at is None or case.answered_at is None:
        return False
    letter = PublicLetter(
        id=voice.id,
        kind=case.kind,
        title=voice.public_title,
        question=voice.public_question,
        answer=voice.public_answer,
        department_code=case.department_code,
        asked_on=case.opened_at.astimezone(CHINA).date(),
        answered_on=case.answered_at.astimezone(CHINA).date(),
        published_at=now,
    )
    added(session, letter)
    return True


def _take_down(session: Session, voice: Voice) -> None:
    forget_letters(session, [voice.id])


def _required(text: str, what: str, most: int) -> str:
    text = as_written(text)
    if not text or len(text) > most:
        raise CaseActionRefused(f"请写{what}，最多 {most} 个字")
    if leads_elsewhere(text):
        raise CaseActionRefused(f"{what}里{NO_WEB_ADDRESS}")
    return text
