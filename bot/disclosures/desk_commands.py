"""`python -m bot disclosures …`: the commands for clerks. `docs/disclosure-desk.md` has an example of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments, department_named
from bot.catalogue.models import Department
from bot.db import utcnow
from bot.disclosures import desk, mending
from bot.disclosures.clock import Assessment
from bot.disclosures.mending import Correction, MendingRefused
from bot.disclosures.models import Request
from bot.disclosures.numbering import ReceiptRefused, next_receipt
from bot.disclosures.report import AnnualReport, ReasonsMissing, YearNotBegun, annual_report
from bot.disclosures.report_tables import as_csv, as_text, as_xlsx, title
from bot.disclosures.service import (
    StepRefused,
    assess,
    record_event,
    record_request,
    recordable,
)
from bot.disclosures.terms import ApplicantKind, Decision, Kind, Party, Reason, Step
from bot.disclosures.vocabulary import (
    APPLICANT_KINDS,
    DECISIONS,
    KINDS,
    PARTIES,
    REASONS,
    STATE_TITLES,
    WAYS,
    Term,
    in_chinese,
    listed,
    step_details,
)
from bot.importing import import_transaction
from bot.language.receipts import new_query_code, parse_receipt
from bot.sealing import SealBroken, Sealer
from bot.settings import Settings
from bot.staff import audit
from bot.staff.operator import operator
from bot.workdays import today_in_china

_FORMATS = {".csv": "csv", ".xlsx": "xlsx"}
_RENDERED: dict[str, Callable[[AnnualReport], bytes]] = {
    "text": lambda counted: f"{as_text(counted)}\n".encode(),
    "csv": lambda counted: as_csv(counted).encode(),
    "xlsx": as_xlsx,
}


class _TermType(click.ParamType[Term]):
    """A Chinese word of the register, or the value that the program stores for it."""

    def __init__(self, name: str, terms: Mapping[str, Term]) -> None:
        self.name = name
        self._terms = {**{term.value: term for term in terms.values()}, **terms}
        self._words = listed(terms)

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Term:
        term = self._terms.get(str(value))
        return term if term is not None else self.fail(f"没有“{value}”，只能填：{self._words}", param, ctx)


class _DayType(click.ParamType[date]):
    name = "YYYY-MM-DD"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"“{value}”不是日期，要写成 2026-03-01 的样子", param, ctx)


class _ReceiptType(click.ParamType[str]):
    name = "receipt"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return parse_receipt(str(value)) or self.fail(
            f"“{value}”不是回执号，要写成 XXGK-2026-000123 的样子", param, ctx
        )


_receipt = click.argument("receipt", type=_ReceiptType())
_department = click.option("--department", "department_name", metavar="NAME", help="Only this department's requests.")
_clerk = click.option("--clerk", required=True, help="Who asks: the clerk's own name. The audit log keeps it.")
_why = click.option("--why", required=True, help="What for. The audit log keeps it.")


@click.group()
def disclosures() -> None:
    """Disclosure requests: record what happens, see what falls due, print the yearly report."""


@disclosures.command()
@click.option("--applicant-kind", type=_TermType("KIND", APPLICANT_KINDS), required=True, help="自然人, 商业企业, …")
@click.option("--applicant", required=True, help="Name; only its beginning is stored.")
@click.option("--description", required=True, help="What is asked for.")
@click.option("--department", "department_name", metavar="NAME", required=True, help="Who has to answer.")
@click.option("--via", type=click.Choice(WAYS), required=True, help="How it came.")
@click.option("--received-on", type=_DayType(), help="The day of receipt (条例 art. 31); today if left out.")
@click.option("--form", "form_wanted", help="纸质, 电子, 查阅, or as the applicant put it.")
@click.option("--delivery", help="邮寄, 电子邮件, 自取, 网上查看, or as the applicant put it.")
def add(
    applicant_kind: ApplicantKind,
    applicant: str,
    description: str,
    department_name: str,
    via: str,
    received_on: date | None,
    form_wanted: str | None,
    delivery: str | None,
) -> None:
    """Add a request that came on paper; prints its receipt and query code, once.

    Identity and address stay on the paper: they are not asked for here.
    """
    today = _today()
    received_on = received_on or today
    _refuse_future(received_on, today)
    if not applicant.strip() or not description.strip():
        raise click.ClickException("申请人和申请内容不能为空")
    query_code = new_query_code()
    with _transaction() as session:
        request = record_request(
            session,
            receipt=next_receipt(session, received_on.year),
            query_code=query_code,
            applicant_kind=applicant_kind,
            applicant=applicant.strip(),
            description=description.strip(),
            department_code=_department_named(session, department_name).code,
            received_on=received_on,
            submitted_via=via,
        )
        request.form_wanted, request.delivery = form_wanted, delivery
        receipt, due_on = request.receipt, assess(request, today).due_on
    click.echo(f"回执号：{receipt}\n查询码：{query_code}（只显示这一次，请写在受理回执上）\n答复期限：{due_on}")


@disclosures.command()
@_receipt
@click.argument("kind", type=_TermType("KIND", KINDS))
@click.option("--on", type=_DayType(), required=True, help="The day on which it happened.")
@click.option("--respond-by", type=_DayType(), help="With 要求补正: the last day for the supplement.")
@click.option("--working-days", type=int, help="With 延长期限: by how many.")
@click.option("--party", type=_TermType("PARTY", PARTIES), help="With 开始征求意见: 第三方 or 其他机关.")
@click.option("--id", "consultation_id", help="With both ends of a consultation: its number.")
@click.option("--amount", type=click.IntRange(min=1), help="With 通知收费: how much, in yuan.")
@click.option("--pay-by", type=_DayType(), help="With 通知收费: the last day for the payment.")
@click.option("--until", type=_DayType(), help="With 延迟答复: the day by which the answer will come.")
@click.option("--outcome", type=_TermType("OUTCOME", DECISIONS), help="With 答复: 予以公开, 不予公开, …")
@click.option("--reason", type=_TermType("REASON", REASONS), help="With 答复, where the outcome does not say it all.")
@click.option("--note", default="", help="The applicant reads it.")
def record(
    receipt: str,
    kind: Kind,
    on: date,
    respond_by: date | None,
    working_days: int | None,
    party: Party | None,
    consultation_id: str | None,
    amount: int | None,
    pay_by: date | None,
    until: date | None,
    outcome: Decision | None,
    reason: Reason | None,
    note: str,
) -> None:
    """Record what happened next. An event that the law does not allow is recorded too, and said to have no effect.

    KIND: 要求补正, 收到补正, 延长期限, 开始征求意见, 征求意见结束, 通知收费, 收到缴费, 延迟答复, 答复, 撤回.
    """
    today = _today()
    _refuse_future(on, today)
    step = Step(
        kind, on, respond_by, working_days, party, consultation_id, amount, pay_by, until, outcome, reason, note
    )
    with _transaction() as session:
        request = desk.get_request(session, receipt)
        try:
            record_event(session, receipt, step)
        except StepRefused as refused:
            raise click.ClickException(f"不能记录：{refused}\n{_next_line(request, on)}") from None
        click.echo(f"已记录：{receipt} {_step_line(request.steps[-1])}")
        assessment = assess(request, today)
        why = assessment.why_without_effect(request.steps[-1])
        if why is not None:
            click.echo(f"没有法律效力，期限不变：{why}")
        click.echo(_standing_line(assessment))
        click.echo(_next_line(request, today))


@disclosures.command()
@_receipt
def show(receipt: str) -> None:
    """Show a request: where it stands, what happened, what may be recorded next."""
    today = _today()
    with _transaction() as session:
        request = desk.get_request(session, receipt)
        kind = in_chinese(APPLICANT_KINDS, ApplicantKind(request.applicant_kind))
        click.echo(f"{receipt}  {request.department.name}")
        click.echo(f"申请人：{request.applicant_masked}（{kind}），{request.submitted_via}提交")
        click.echo(f"申请内容：{request.description}")
        if request.form_wanted or request.delivery:
            click.echo(f"获取形式：{request.form_wanted or '未写明'}；获取方式：{request.delivery or '未写明'}")
        click.echo(_standing_line(assess(request, today)))
        click.echo("经过：")
        for number, step in enumerate(request.steps, start=1):
            click.echo(f"  {number}. {_step_line(step)}")
        click.echo(_next_line(request, today))


@disclosures.command()
@click.option("--within", type=click.IntRange(min=0), default=5, show_default=True, help="Working days from today.")
@_department
def due(within: int, department_name: str | None) -> None:
    """List requests that are overdue or fall due within some working days, soonest first."""
    with _transaction() as session:
        department = _department_named(session, department_name) if department_name else None
        found = desk.due_within(session, _today(), within, department)
        for one in found:
            click.echo(
                f"{one.due_on}  {_days_text(one.days_left, one.assessment)}  {one.request.receipt}  "
                f"{one.request.department.name}  {STATE_TITLES[one.assessment.state]}  {one.request.description}"
            )
    click.echo(f"共 {len(found)} 件，在 {within} 个工作日内到期或已经逾期。")


@disclosures.command()
@click.option("--year", type=click.IntRange(2008, 2999), required=True)
@_department
@click.option("--format", "form", type=click.Choice(list(_RENDERED)), help="Told by --out, or else text.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file; without it, the terminal.")
def report(year: int, department_name: str | None, form: str | None, out: Path | None) -> None:
    """Print the yearly report on requests and how they were handled (条例 art. 50), part three of its form."""
    form = form or (_FORMATS.get(out.suffix.lower(), "text") if out else "text")
    if form == "xlsx" and out is None:
        raise click.ClickException("Excel 要写到文件里：加 --out 报告.xlsx")
    with _transaction() as session:
        department = _department_named(session, department_name) if department_name else None
        try:
            counted = annual_report(session, year, _today(), department)
        except YearNotBegun:
            raise click.ClickException(f"{year} 年还没有到") from None
        except ReasonsMissing as missing:
            raise click.ClickException(
                f"这 {len(missing.receipts)} 件的答复没有记下理由，没法计入报告，请在台账里补上“理由”再导入："
                + listed(missing.receipts)
            ) from None
    content = _RENDERED[form](counted)
    if out is None:
        click.echo(content, nl=False)
        if form == "csv":
            click.echo(title(counted), err=True)
        return
    try:
        out.write_bytes(content)
    except OSError as error:
        raise click.ClickException(f"{out} 写不了（{error.strerror}）") from None
    with _transaction() as session:
        audit.record(session, who=operator(), action="export", subject=title(counted), why="", at=utcnow())
    click.echo(f"已写入 {out}：{title(counted)}")


@disclosures.command()
@_receipt
@_clerk
@_why
def applicant(receipt: str, clerk: str, why: str) -> None:
    """Show who filed a request online; who looked and why goes into the audit log."""
    with _transaction() as session:
        identity = desk.open_applicant(
            session, receipt, Sealer.of(Settings.from_environment()), clerk=clerk, why=why, now=utcnow()
        )
    click.echo(f"姓名或名称：{identity['name']}")
    click.echo(f"{identity['identity_kind']}：{identity['identity_number']}")
    click.echo(f"联系方式：{identity['contact']}")
    if identity["address"]:
        click.echo(f"地址：{identity['address']}")
    click.echo("本次查看已记入审计日志。")


@disclosures.command("new-code")
@_receipt
@_clerk
@_why
def new_code(receipt: str, clerk: str, why: str) -> None:
    """Give out a new query code for a forgotten one, after checking who asks; the old one stops working."""
    with _transaction() as session:
        code = desk.renew_query_code(session, receipt, clerk=clerk, why=why, now=utcnow())
    click.echo(f"新查询码：{code}（只显示这一次）\n原来的查询码已失效，本次更换已记入审计日志。")


@disclosures.command()
@_receipt
@click.option("--applicant-kind", type=_TermType("KIND", APPLICANT_KINDS), help="自然人, 商业企业, …")
@click.option("--applicant", help="Name; only its beginning is stored.")
@click.option("--description", help="What is asked for.")
@click.option("--department", "department_name", metavar="NAME", help="Who has to answer.")
@click.option("--via", type=click.Choice(WAYS), help="How it came.")
@click.option("--received-on", type=_DayType(), help="The day of receipt (条例 art. 31).")
@_clerk
@_why
def correct(
    receipt: str,
    applicant_kind: ApplicantKind | None,
    applicant: str | None,
    description: str | None,
    department_name: str | None,
    via: str | None,
    received_on: date | None,
    clerk: str,
    why: str,
) -> None:
    """Correct a request; values that are not given stay as they are."""
    if received_on is not None:
        _refuse_future(received_on, _today())
    with _transaction() as session:
        correction = Correction(
            applicant_kind=applicant_kind,
            applicant=applicant,
            description=description,
            department_code=_department_named(session, department_name).code if department_name else None,
            received_on=received_on,
            submitted_via=via,
        )
        told = mending.correct(session, receipt, correction, clerk=clerk, why=why, now=utcnow())
    click.echo(f"已更正 {receipt}：{told}\n本次更正已记入审计日志。")


@disclosures.command("take-back")
@_receipt
@_clerk
@_why
def take_back(receipt: str, clerk: str, why: str) -> None:
    """Take back the event that was recorded last."""
    with _transaction() as session:
        step = mending.take_back_last_event(session, receipt, clerk=clerk, why=why, now=utcnow())
    click.echo(f"已撤销：{receipt} {_step_line(step)}\n本次撤销已记入审计日志。")


@disclosures.command()
@_receipt
@_clerk
@_why
def strike(receipt: str, clerk: str, why: str) -> None:
    """Remove a request that was entered by mistake from the register; `restore` brings it back."""
    with _transaction() as session:
        mending.strike(session, receipt, clerk=clerk, why=why, now=utcnow())
    click.echo(f"{receipt} 已作废，记入审计日志；作废错了可以恢复：disclosures restore {receipt}")


@disclosures.command()
@_receipt
@_clerk
@_why
def restore(receipt: str, clerk: str, why: str) -> None:
    """Bring back a request that was struck out."""
    with _transaction() as session:
        mending.restore(session, receipt, clerk=clerk, why=why, now=utcnow())
    click.echo(f"{receipt} 已恢复，记入审计日志。")


@disclosures.command("numbering")
@click.option("--year", type=click.IntRange(2008, 2999), required=True)
@click.option("--next", "serial", type=int, required=True, help="The six digits from which new receipts go on.")
@_clerk
@_why
def renumber(year: int, serial: int, clerk: str, why: str) -> None:
    """Set the number from which the receipts of a year continue; taken numbers are skipped."""
    with _transaction() as session:
        receipt = mending.renumber(session, year, serial, clerk=clerk, why=why, now=utcnow())
    click.echo(f"{year} 年的回执号从 {receipt} 接着编，已记入审计日志。")


@contextmanager
def _transaction() -> Iterator[Session]:
    try:
        with import_transaction(Settings.from_environment()) as session:
            yield session
    except desk.NoSuchRequest as error:
        raise click.ClickException(f"没有 {error} 这件申请") from None
    except desk.NotAccountable:
        raise click.ClickException("--clerk 和 --why 都要写明，不能为空") from None
    except desk.NoIdentityKept as error:
        raise click.ClickException(
            f"本系统没有 {error} 申请人的身份（纸质申请或者台账导入的），请查受理机关的原件"
        ) from None
    except SealBroken:
        raise click.ClickException("打不开：现在的密钥（IDENTITY_KEY）不是当时的那一把") from None
    except (MendingRefused, ReceiptRefused) as refused:
        raise click.ClickException(str(refused)) from None
    except IntegrityError:
        raise click.ClickException("同时有人也在记录，这次没有记上，请看过后再试") from None


def _today() -> date:
    return today_in_china(utcnow())


def _refuse_future(day: date, today: date) -> None:
    if day > today:
        raise click.ClickException(f"{day} 还没有到，只能记录已经发生的事")


def _department_named(session: Session, name: str) -> Department:
    departments = all_departments(session)
    named = next((one for one in departments if one.name == name), None) or department_named(departments, name)
    if named is None:
        raise click.ClickException(f"没有“{name}”这个部门，目录里有：{listed(one.name for one in departments)}")
    return named


def _standing_line(assessment: Assessment) -> str:
    if assessment.outcome is not None:
        late = "，迟于期限" if assessment.answered_late else ""
        return f"现状：已答复（{in_chinese(DECISIONS, assessment.outcome)}，{assessment.answered_on}{late}）"
    line = f"现状：{STATE_TITLES[assessment.state]}"
    if assessment.respond_by:
        line += f"，补正期限 {assessment.respond_by}"
    if assessment.pay_by:
        line += f"，缴费期限 {assessment.pay_by}"
    if assessment.due_on:
        latest = "最迟 " if assessment.paused else ""
        left = (
            "停算中" if assessment.working_days_left is None else _days_text(assessment.working_days_left, assessment)
        )
        provisional = "，放假安排未公布，暂定" if assessment.provisional else ""
        line += f"，答复期限 {latest}{assessment.due_on}（{left}{provisional}）"
    return line


def _days_text(days_left: int, assessment: Assessment) -> str:
    if assessment.overdue:
        return f"逾期 {-days_left} 个工作日" if days_left else "已经逾期"
    return f"还剩 {days_left} 个工作日" + ("（停算中）" if assessment.paused else "")


def _next_line(request: Request, on: date) -> str:
    kinds = [kind for kind, why in recordable(request, on).items() if why is None]
    return f"下一步可以记录：{listed(in_chinese(KINDS, kind) for kind in kinds)}" if kinds else "已经办结，不能再记录。"


def _step_line(step: Step) -> str:
    details = [*step_details(step, step.party), step.note]
    return "  ".join([f"{step.on}", in_chinese(KINDS, step.kind), *filter(None, details)])
