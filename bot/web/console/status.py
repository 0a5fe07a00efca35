"""Whether all is well: what is not and what to do about it first, then each part that is, as it is now.

Nothing is found out here. Processes are asked as `/readyz` does; all else are the doctor's checks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiohttp import web

from bot.backup.manifest import version
from bot.db import utcnow
from bot.doctor.checks import WORK, all_checks, findings
from bot.doctor.finding import Finding, Level, doubtful, right, wrong
from bot.incidents.words import outages
from bot.running import process_records
from bot.settings import Settings
from bot.staff.roles import Permission
from bot.web.clients import PROXY_WATCH
from bot.web.console.access import needs
from bot.web.console.navigation import entries_for
from bot.web.console.pages import in_china, in_thread, page, person_of, transact
from bot.web.health import Parts, parts_now
from bot.web.keys import SETTINGS
from bot.web.renewed import Renewed

routes = web.RouteTableDef()

PATH = "/console/status"
# The checks of the installation read files of some megabytes, and what they find does not change by the minute.
KEPT_SECONDS = 60.0
INSTALLATION: web.AppKey[Renewed[list[Finding]]] = web.AppKey("installation", Renewed)

_LEVEL_TITLES = {Level.DOUBTFUL: "留意", Level.WRONG: "有错"}
_AFRESH = "它会自动重启；一直起不来，看 VAR_DIR/logs 里它的日志"
# Part of a finding → the page of the console where it is mended, and the page of the manual that tells how.
_PAGES = {
    "提问": "/console/conversations",
    "等人接的群众": "/console/queue?waits=1&state=new",
    "短信、微信和邮件的收发": "/console/helpline",
    "停用": "/console/switches",
    "训练": "/console/models",
    "模型": "/console/models",
    "法律清单": "/console/laws",
    "双人核准": "/console/staff",
}
_MANUAL = {
    "问答引擎": "docs/alerts.md#assistantnotanswering",
    "动作服务": "docs/alerts.md#assistantnotanswering",
    "语义编码": "docs/alerts.md#encoderdown",
    "提问": "docs/alerts.md#messagesleft",
    "短信、微信和邮件的收发": "docs/alerts.md#textsnotgoingout",
    "定时的事": "docs/alerts.md#choresnotdone",
    "备份": "docs/backup.md",
    "法律清单": "docs/laws.md",
    "索引": "docs/operating.md#indexes",
    "代理": "docs/operating.md#settings",
}
_MANUAL_OF_THE_REST = "docs/operating.md#is-all-right"


@dataclass(frozen=True)
class Told:
    """A finding as the page shows it. `page`: empty if there is none that this person may open."""

    finding: Finding
    page: str
    manual: str

    @property
    def is_well(self) -> bool:
        return self.finding.level == Level.RIGHT


@routes.get(PATH)
@needs(Permission.SEE_STATUS)
async def status(request: web.Request) -> web.Response:
    settings, now = request.app[SETTINGS], utcnow()
    checks = all_checks(settings, now, is_offline=True)
    work = {WORK: checks.pop(WORK)}
    sections = {
        "进程": await _processes(request),
        "进行中的事": await in_thread(request, lambda: list(findings(work))),
        "安装和内容": await request.app[INSTALLATION].get(lambda: list(findings(checks))),
    }
    paths = {entry.path for entry in entries_for(person_of(request))}
    told = {title: [_told(one, paths) for one in found] for title, found in sections.items()}
    # The worst first, otherwise in the order of the doctor, in which they are best mended.
    amiss = [one for shown in told.values() for one in shown if not one.is_well]
    amiss.sort(key=lambda one: -one.finding.level)
    return page(
        request,
        "status.html",
        verdict=_verdict([one.finding for one in amiss]),
        amiss=amiss,
        levels=_LEVEL_TITLES,
        sections={title: [one for one in shown if one.is_well] for title, shown in told.items()},
        at=now,
    )


def _verdict(amiss: Sequence[Finding]) -> str:
    wrongs = sum(one.level == Level.WRONG for one in amiss)
    doubts = len(amiss) - wrongs
    if not amiss:
        return "一切正常。"
    counts = [f"{count} 处{words}" for count, words in ((wrongs, "有错"), (doubts, "要留意")) if count]
    are_answered = not any(one.level == Level.WRONG or one.part == "提问" for one in amiss)
    return f"有 {'，'.join(counts)}。" + ("群众提问照常有答复。" if are_answered else "")


def _told(finding: Finding, paths: set[str]) -> Told:
    to = _PAGES.get(finding.part, "")
    return Told(finding, to if to.partition("?")[0] in paths else "", _MANUAL.get(finding.part, _MANUAL_OF_THE_REST))


async def _processes(request: web.Request) -> list[Finding]:
    app, settings = request.app, request.app[SETTINGS]
    parts = await parts_now(app)
    found = [
        right("网页", f"在答这一页，程序版本 {version()}{_since(settings, 'web')}"),
        _process(settings, "问答引擎", "engine", is_up=parts.engine, weight=wrong),
        _process(settings, "动作服务", "actions", is_up=parts.actions, weight=wrong),
        _encoder(settings, parts),
    ]
    if not parts.database:
        found.append(wrong("数据库", "没有响应", "看数据库是不是在运行，磁盘满了没有"))
    found += [doubtful("代理", alarm.rstrip("。"), "改好以后重启网页进程") for alarm in app[PROXY_WATCH].alarms]
    if parts.database:
        for outage in await transact(request, outages, utcnow()):
            said = outage.sentence.rstrip("。")
            found.append(right("故障", said) if outage.is_over else wrong("故障", said, "看上面哪个进程不响应"))
    return found


def _encoder(settings: Settings, parts: Parts) -> Finding:
    if parts.encoder == "off":
        return right("语义编码", "按 ENCODER=off 关着")
    return _process(settings, "语义编码", "encoder", is_up=parts.encoder == "up", weight=doubtful)


def _process(
    settings: Settings, part: str, name: str, *, is_up: bool, weight: Callable[[str, str, str], Finding]
) -> Finding:
    if is_up:
        return right(part, f"在运行{_since(settings, name)}")
    return weight(part, f"没有响应{_since(settings, name)}", _AFRESH)


def _since(settings: Settings, name: str) -> str:
    """Empty where no supervisor of ours runs the process."""
    record = process_records.read(settings, name)
    if record is None:
        return ""
    again = f"，重启过 {record.restarts} 次（上次：{record.ended}）" if record.restarts else ""
    return f"，从 {in_china(record.since_at)} 起{again}"
