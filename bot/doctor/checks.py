"""All checks, in the order in which an operator mends what is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial

from bot.doctor import configuration, contents, machine
from bot.doctor.finding import Finding, wrong
from bot.places import ROOT
from bot.running.environments import ENGINE, OCR, WEB
from bot.settings import Settings
from bot.workdays import today_in_china

# The check of what changes by the minute; all others are of the installation.
WORK = "进行中的事"

Check = Callable[[], Finding | Iterable[Finding]]


def all_checks(settings: Settings, now: datetime, *, is_offline: bool = False) -> dict[str, Check]:
    """Name → check. `is_offline`: nobody outside this machine and its database is asked."""
    today = today_in_china(now)
    ours = [ROOT / "bot", ENGINE.folder, WEB.folder, settings.var_dir, *settings.var_dir.glob("*")]
    checks: dict[str, Check] = {
        "引擎的环境": partial(machine.environment, ENGINE, "引擎"),
        "其余的环境": partial(machine.environment, WEB, "其余"),
        "端口": partial(machine.ports, settings),
        "时钟": partial(machine.clock, now, ours),
        "磁盘": partial(machine.disk, settings.var_dir, machine.free_bytes),
        "数据文件夹": partial(machine.var_dir, settings.var_dir),
        "设置": partial(configuration.contradictions, settings),
        "短信、微信和邮件": partial(configuration.texts, settings),
        "密钥": partial(contents.keys, settings),
        "数据库": partial(contents.database, settings, today),
        "备份工具": partial(machine.postgresql_programs, settings, shutil.which),
        "模型": partial(contents.model, settings),
        "句向量": partial(machine.encoder, settings),
        WORK: partial(contents.work, settings, now),
        "Redis": partial(contents.redis, settings),
        "放假安排": partial(contents.holidays, today),
        "字体": machine.fonts,
        "旧版文件": machine.old_documents,
        "扫描件": partial(machine.scans, settings, OCR),
    }
    if not is_offline:
        checks["短信中心"] = partial(configuration.smsc, settings, configuration.connect)
        checks["邮件服务器"] = partial(configuration.mail_server, settings, configuration.log_in)
        for name, (host, port) in configuration.named_hosts(settings).items():
            checks[name] = partial(configuration.certificate, name, host, port, now, configuration.expires_at)
    return checks


def findings(checks: dict[str, Check]) -> Iterator[Finding]:
    """What the checks find. One that fails itself is a finding, and the others go on."""
    for name, check in checks.items():
        try:
            found = check()
            yield from [found] if isinstance(found, Finding) else list(found)
        except Exception as error:
            yield wrong(name, f"没有查成（{type(error).__name__}）", "请把这一行告诉开发者")
