"""The kinds of notices (文书), and what each needs: its step, its article, what the clerk writes, its template."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.disclosures.rules import GROUNDS, Rule, decision_basis
from bot.disclosures.terms import Decision, Kind, Party, Reason


class NoticeKind(StrEnum):
    """An answer has the value of its `Decision`. The value is also the name of the template."""

    RECEIPT = "receipt"
    SUPPLEMENT = "supplement"
    EXTENSION = "extension"
    CONSULTATION = "consultation"
    AGENCY_CONSULTATION = "agency_consultation"
    THIRD_PARTY_DECISION = "third_party_decision"
    FEE = "fee"
    POSTPONEMENT = "postponement"
    GRANTED = Decision.GRANTED.value
    ALREADY_PUBLIC = Decision.ALREADY_PUBLIC.value
    PARTLY_GRANTED = Decision.PARTLY_GRANTED.value
    REFUSED = Decision.REFUSED.value
    NOT_HELD = Decision.NOT_HELD.value
    NOT_RESPONSIBLE = Decision.NOT_RESPONSIBLE.value
    NO_PROCESSING_NEEDED = Decision.NO_PROCESSING_NEEDED.value
    REPEATED = Decision.REPEATED.value
    OTHER_LAW = Decision.OTHER_LAW.value
    NOT_HANDLED = Decision.NOT_HANDLED.value
    COMPLAINT = Decision.COMPLAINT.value
    PUBLICATION = Decision.PUBLICATION.value

    @property
    def outcome(self) -> Decision | None:
        """The decision that this notice tells; None if it is no answer."""
        return Decision(self.value) if self.value in list(Decision) else None

    @property
    def step(self) -> Kind | None:
        """The step that happens when this notice goes out; None if it moves nothing by itself."""
        return Kind.ANSWERED if self.outcome else _STEPS.get(self)

    @property
    def is_for_applicant(self) -> bool:
        """Letters to third parties and to other agencies must not be seen by the applicant."""
        return self not in (*CONSULTED, NoticeKind.THIRD_PARTY_DECISION)


# Letters that ask for an opinion. The consultation begins on the day on which the party has the letter (条例 arts. 32,
# 34), so its step is recorded with the delivery (`bot.notices.consultations`).
CONSULTED = {NoticeKind.CONSULTATION: Party.THIRD_PARTY, NoticeKind.AGENCY_CONSULTATION: Party.AGENCY}
_STEPS = {
    NoticeKind.SUPPLEMENT: Kind.SUPPLEMENT_REQUESTED,
    NoticeKind.EXTENSION: Kind.EXTENDED,
    NoticeKind.FEE: Kind.FEE_NOTIFIED,
    NoticeKind.POSTPONEMENT: Kind.POSTPONED,
}
_BASES = {
    NoticeKind.RECEIPT: (Rule.RECEIPT.basis, Rule.REPLY.basis),
    NoticeKind.SUPPLEMENT: (Rule.CHECK.basis,),
    NoticeKind.EXTENSION: (Rule.EXTENSION.basis,),
    NoticeKind.CONSULTATION: (Rule.THIRD_PARTY.basis,),
    NoticeKind.AGENCY_CONSULTATION: (Rule.AGENCY.basis,),
    NoticeKind.THIRD_PARTY_DECISION: (GROUNDS[Reason.THIRD_PARTY_RIGHTS], Rule.THIRD_PARTY.basis),
    # The rules on the fee itself (国办函〔2020〕109号) are named in the template: art. 6 on paying, art. 7 on remedies.
    NoticeKind.FEE: (Rule.FEE.basis,),
    NoticeKind.POSTPONEMENT: (Rule.POSTPONEMENT.basis,),
}
WITH_GROUND = (NoticeKind.REFUSED, NoticeKind.PARTLY_GRANTED)


@dataclass(frozen=True)
class FieldQuestion:
    """Asks the clerk for the text in their own words (字段“说明”), in Chinese. `is_needed`: it cannot stay empty."""

    title: str
    is_needed: bool = True


TITLES = {
    NoticeKind.RECEIPT: "登记回执",
    NoticeKind.SUPPLEMENT: "补正告知书",
    NoticeKind.EXTENSION: "延期告知书",
    NoticeKind.CONSULTATION: "第三方意见征询书",
    NoticeKind.AGENCY_CONSULTATION: "征求意见函（共同制作的机关）",
    NoticeKind.THIRD_PARTY_DECISION: "公开决定告知书（给第三方）",
    NoticeKind.FEE: "收费通知",
    NoticeKind.POSTPONEMENT: "延迟答复告知书",
    NoticeKind.GRANTED: "公开告知书",
    NoticeKind.ALREADY_PUBLIC: "公开告知书（已主动公开）",
    NoticeKind.PARTLY_GRANTED: "部分公开告知书",
    NoticeKind.REFUSED: "不予公开告知书",
    NoticeKind.NOT_HELD: "信息不存在告知书",
    NoticeKind.NOT_RESPONSIBLE: "不属本机关公开告知书",
    NoticeKind.NO_PROCESSING_NEEDED: "不予提供告知书（需加工、分析）",
    NoticeKind.REPEATED: "不予重复处理告知书",
    NoticeKind.OTHER_LAW: "另有规定告知书",
    NoticeKind.NOT_HANDLED: "不予处理告知书",
    NoticeKind.COMPLAINT: "非申请事项告知书（信访、投诉、举报）",
    NoticeKind.PUBLICATION: "公开出版物告知书",
}
QUESTIONS = {
    NoticeKind.RECEIPT: FieldQuestion("另外要告诉申请人的", is_needed=False),
    NoticeKind.SUPPLEMENT: FieldQuestion("要补正什么，怎样补正（一次说全）"),
    NoticeKind.EXTENSION: FieldQuestion("为什么要延期"),
    NoticeKind.CONSULTATION: FieldQuestion("涉及第三方的是哪些信息（不要写申请人是谁）"),
    NoticeKind.AGENCY_CONSULTATION: FieldQuestion("共同制作的是哪些信息（不要写申请人是谁）"),
    NoticeKind.THIRD_PARTY_DECISION: FieldQuestion(
        "公开涉及对方的哪些内容，对方的意见为什么没有采纳：不公开对公共利益会有什么重大影响（不要写申请人是谁）"
    ),
    NoticeKind.FEE: FieldQuestion("金额怎样算出来，怎样缴纳"),
    NoticeKind.POSTPONEMENT: FieldQuestion("申请的数量、频次怎样超出合理范围，为什么要到那天才能答复"),
    NoticeKind.GRANTED: FieldQuestion("提供了什么，怎样领取或者查看"),
    NoticeKind.ALREADY_PUBLIC: FieldQuestion("在哪里公开的，怎样找到"),
    NoticeKind.PARTLY_GRANTED: FieldQuestion("公开哪些、怎样领取，不公开哪些、为什么"),
    NoticeKind.REFUSED: FieldQuestion("为什么不公开：事实和理由"),
    NoticeKind.NOT_HELD: FieldQuestion("查过哪些范围"),
    NoticeKind.NOT_RESPONSIBLE: FieldQuestion("理由；知道归谁公开的，写名称和联系方式"),
    NoticeKind.NO_PROCESSING_NEEDED: FieldQuestion("为什么要加工、分析；有现成资料的，写明是什么"),
    NoticeKind.REPEATED: FieldQuestion("上一次什么时候、用哪份文书答复的"),
    NoticeKind.OTHER_LAW: FieldQuestion("依照哪部法律、行政法规，到哪里查询"),
    NoticeKind.NOT_HANDLED: FieldQuestion("为什么不予处理：事实和理由"),
    NoticeKind.COMPLAINT: FieldQuestion("应当通过什么渠道反映"),
    NoticeKind.PUBLICATION: FieldQuestion("到哪里获取"),
}


def bases_of(kind: NoticeKind, reason: Reason | None = None) -> tuple[str, ...]:
    """The articles that the notice rests on. `reason`: of an answer; for 部分公开 that of what is not disclosed."""
    if kind.outcome is None:
        return _BASES[kind]
    ground = (GROUNDS[reason],) if kind in WITH_GROUND and reason in GROUNDS else ()
    return (*ground, decision_basis(kind.outcome, None if ground else reason))
