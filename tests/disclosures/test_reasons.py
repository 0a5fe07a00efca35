from datetime import date

import pytest

from bot.disclosures import reasons
from bot.disclosures.reasons import RESULTS, ReasonMissing, ReportRow, row_of
from bot.disclosures.terms import Decision, Kind, Reason, RequestState, Step
from bot.disclosures.vocabulary import APPLICANT_KINDS, DECISIONS, KINDS, PARTIES, REASONS, Term, in_chinese

ON = date(2026, 11, 12)
CASES = [(outcome, reason) for outcome in Decision for reason in (None, *Reason)]


def answer(outcome: Decision, reason: Reason | None = None) -> Step:
    return Step(Kind.ANSWERED, ON, outcome=outcome, reason=reason)


@pytest.mark.parametrize(("outcome", "reason"), CASES)
def test_an_answer_counts_in_one_row_or_is_refused(outcome: Decision, reason: Reason | None) -> None:
    step = reasons.with_reason(answer(outcome, reason))
    flaw = reasons.flaw_in(step)
    if flaw:
        assert flaw.field == "reason"
        assert "《政府信息公开条例》" in flaw.message
    else:
        assert row_of(RequestState.ANSWERED, step.outcome, step.reason) in RESULTS


@pytest.mark.parametrize(
    ("outcome", "reason", "row"),
    [
        (Decision.ALREADY_PUBLIC, None, ReportRow.GRANTED),
        (Decision.GRANTED, None, ReportRow.GRANTED),
        (Decision.PARTLY_GRANTED, None, ReportRow.PARTLY_GRANTED),
        (Decision.REFUSED, Reason.CLASSIFIED, ReportRow.CLASSIFIED),
        (Decision.REFUSED, Reason.FORBIDDEN_BY_LAW, ReportRow.FORBIDDEN_BY_LAW),
        (Decision.REFUSED, Reason.SAFETY_AND_STABILITY, ReportRow.SAFETY_AND_STABILITY),
        (Decision.REFUSED, Reason.THIRD_PARTY_RIGHTS, ReportRow.THIRD_PARTY_RIGHTS),
        (Decision.REFUSED, Reason.INTERNAL_AFFAIRS, ReportRow.INTERNAL_AFFAIRS),
        (Decision.REFUSED, Reason.PROCESS_INFORMATION, ReportRow.PROCESS_INFORMATION),
        (Decision.REFUSED, Reason.ENFORCEMENT_FILE, ReportRow.ENFORCEMENT_FILE),
        (Decision.OTHER_LAW, None, ReportRow.ADMINISTRATIVE_QUERY),
        (Decision.NOT_HELD, None, ReportRow.NOT_HELD),
        (Decision.NOT_HELD, Reason.STILL_UNCLEAR, ReportRow.STILL_UNCLEAR),
        (Decision.NOT_RESPONSIBLE, None, ReportRow.NOT_HELD),
        (Decision.NO_PROCESSING_NEEDED, None, ReportRow.WOULD_HAVE_TO_BE_MADE),
        (Decision.REPEATED, None, ReportRow.REPEATED),
        (Decision.NOT_HANDLED, Reason.EXCESSIVE, ReportRow.EXCESSIVE),
        (Decision.NOT_HANDLED, Reason.CONFIRMATION_OF_KNOWN, ReportRow.CONFIRMATION_OF_KNOWN),
        (Decision.NOT_HANDLED, Reason.FEE_NOT_PAID, ReportRow.FEE_NOT_PAID),
        (Decision.COMPLAINT, None, ReportRow.PETITION_OR_COMPLAINT),
        (Decision.PUBLICATION, None, ReportRow.PUBLICATION),
    ],
)
def test_each_answer_counts_where_the_form_has_it(outcome: Decision, reason: Reason | None, row: ReportRow) -> None:
    step = reasons.with_reason(answer(outcome, reason))
    assert reasons.flaw_in(step) is None
    assert row_of(RequestState.ANSWERED, outcome, step.reason) == row
    # Also for a record from before there were reasons.
    assert row_of(RequestState.ANSWERED, outcome, reason) == row


def test_requests_that_end_without_an_answer_have_their_rows() -> None:
    assert row_of(RequestState.WITHDRAWN) == ReportRow.OTHER
    assert row_of(RequestState.ABANDONED) == ReportRow.NO_SUPPLEMENT
    for state in set(RequestState) - {RequestState.WITHDRAWN, RequestState.ABANDONED, RequestState.ANSWERED}:
        assert row_of(state) is None


@pytest.mark.parametrize("outcome", [Decision.REFUSED, Decision.NOT_HANDLED])
def test_where_the_outcome_leaves_it_open_the_reason_must_be_said(outcome: Decision) -> None:
    flaw = reasons.flaw_in(reasons.with_reason(answer(outcome)))
    assert flaw is not None
    assert "必须写明理由" in flaw.message
    with pytest.raises(ReasonMissing):
        row_of(RequestState.ANSWERED, outcome)


def test_every_row_of_results_can_be_reached() -> None:
    reached = {
        row_of(RequestState.ANSWERED, outcome, reason)
        for outcome in Decision
        for reason in (reasons.ALLOWED[outcome] or (None,))
    }
    assert {*reached, row_of(RequestState.WITHDRAWN), row_of(RequestState.ABANDONED)} == set(RESULTS)


@pytest.mark.parametrize("terms", [KINDS, PARTIES, DECISIONS, REASONS, APPLICANT_KINDS])
def test_every_term_has_a_word(terms: dict[str, Term]) -> None:
    for meant in type(next(iter(terms.values()))):
        assert terms[in_chinese(terms, meant)] == meant
