"""What lies in `VAR_DIR` and in the database: keys, schema, laws, holidays, indexes, the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from redis import Redis, RedisError
from sqlalchemy import Text, select, type_coerce
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import migrations
from bot.answering.renewal import are_being_built, are_whole
from bot.conversations.models import Message
from bot.db import Database, utcnow
from bot.doctor import work as how_it_goes
from bot.doctor.finding import Finding, doubtful, right, wrong
from bot.laws.service import newest_change
from bot.proposed_changes.service import approvers_of
from bot.reviews.city_orders import alarms
from bot.running.live_model import LiveModelBroken, is_whole, live_model, model_path
from bot.running.model_making import fingerprint
from bot.running.one_assistant import is_running
from bot.sealing import SealBroken, Sealer, is_sealed
from bot.settings import Settings, SettingsError
from bot.workdays import CHINA, is_published, today_in_china

_OTHERS_MAY = 0o077
# The State Council publishes the next year's holidays in November.
_NEXT_YEAR_KNOWN_FROM_MONTH = 11
_LAWS_OLD_AFTER = timedelta(days=180)
_TEXTS_TRIED = 20
PREPARE = "运行 python -m bot prepare（启动时也会自己做）"


def holidays(today: date) -> Iterator[Finding]:
    how = "国务院办公厅公布以后，用 python -m bot import-holidays 导入"
    for year in (today.year, today.year + 1):
        part = f"{year} 年放假安排"
        if is_published(date(year, 1, 1)):
            yield right(part, "有")
        elif year == today.year:
            yield wrong(part, "没有，期限只按周末算", how)
        elif today.month >= _NEXT_YEAR_KNOWN_FROM_MONTH:
            yield doubtful(part, "还没有，跨年的期限暂按周末算", how)
        else:
            yield right(part, "还没公布")


def keys(settings: Settings) -> Iterator[Finding]:
    """Makes no key: one that is missing while there are sealed texts must be found, not replaced."""
    part, path = "密钥", settings.identity_key_path
    if settings.identity_key:
        if path.exists():
            yield doubtful(part, f"用的是 IDENTITY_KEY，{path} 没有用上", "确认哪一个是对的，另一个收好")
    elif not path.exists():
        yield doubtful(part, f"{path} 还没有，第一次用到时生成", "从备份恢复的，先把密钥放回去")
        return
    elif path.stat().st_mode & _OTHERS_MAY:
        yield wrong(part, f"{path} 别的用户也能读", f"运行 chmod 600 {path}")
    try:
        Sealer.of(settings)
    except (SettingsError, UnicodeDecodeError):
        yield wrong(part, "格式不对", "换回备份的密钥：要 32 字节的 base64，44 个字符")
    except OSError as error:
        yield wrong(part, f"{path} 读不了（{error.strerror}）", "让运行助手的用户能读它")
    else:
        yield right(part, "读得出，请另外备份（python -m bot backup --keys）")


def database(settings: Settings, today: date) -> Iterator[Finding]:
    """The database and what is in it. The contents are checked only if the schema is current; else each check
    would tell of the same missing table.
    """
    part = "数据库"
    path = _file(settings)
    if path is not None and not path.exists():
        yield doubtful(part, f"{path} 还没有", PREPARE)
        return
    opened = Database(settings.database_url)
    try:
        revision = migrations.revision(opened.engine)
        yield right(part, f"连得上（{opened.engine.dialect.name}）")
        is_newer = revision is not None and not migrations.is_known(revision)
        yield schema(revision, migrations.contractions_since(opened.engine) if is_newer else [])
        if revision == migrations.head():
            yield _asked("密封的内容", opened, partial(sealed_texts, settings=settings))
            yield _asked("法律清单", opened, lambda session: laws(newest_change(session), today))
            yield _asked("双人核准", opened, partial(second_pair, settings=settings))
            yield indexes(are_whole(opened, settings), are_being_built=are_being_built(settings))
            if settings.city_orders is not None:
                yield _asked("城市工单系统", opened, partial(city_orders, now=utcnow()))
    except SQLAlchemyError as error:
        yield wrong(part, f"连不上（{type(error).__name__}）", "检查 DATABASE_URL，看数据库是不是在运行")
    finally:
        opened.close()


def work(settings: Settings, now: datetime) -> Iterator[Finding]:
    """How the work goes. Nothing where there is no database, or an older one, of which `database` tells."""
    path = _file(settings)
    if path is not None and not path.exists():
        return
    opened = Database(settings.database_url)
    try:
        if migrations.revision(opened.engine) == migrations.head():
            running = is_running(settings)
            yield from opened.run(
                lambda session: list(how_it_goes.findings(session, settings, now, is_running=running))
            )
    finally:
        opened.close()


def redis(settings: Settings) -> Iterator[Finding]:
    """Only where it is used."""
    if settings.redis_url is None:
        return
    try:
        with Redis.from_url(settings.redis_url, socket_timeout=2, socket_connect_timeout=2) as asked:
            asked.ping()
    except RedisError as error:
        yield wrong(
            "Redis", f"没有响应（{type(error).__name__}）", "检查 REDIS_URL，看它是不是在运行；限速和消息提醒都要用它"
        )
    else:
        yield right("Redis", "连得上")


def _file(settings: Settings) -> Path | None:
    name = settings.database_url.removeprefix("sqlite:///")
    return Path(name) if name != settings.database_url else None


def _asked(part: str, opened: Database, ask: Callable[[Session], Finding]) -> Finding:
    try:
        return opened.run(ask)
    except SQLAlchemyError as error:
        return wrong(part, f"读不出来（{type(error).__name__}）", "用备份恢复，见 docs/backup.md")


def schema(revision: str | None, lacking: Sequence[str] = ()) -> Finding:
    """`lacking`: what a newer schema no longer has and this program needs (`bot.migrations.expansion`)."""
    part = "数据表"
    if revision == migrations.head():
        return right(part, f"版本 {revision}，是最新的")
    if revision is None:
        return doubtful(part, "还没有建", PREPARE)
    if not migrations.is_known(revision):
        if lacking:
            return wrong(part, f"版本 {revision} 比程序新，程序用不了", "换上不早于它的程序，不要往回退")
        return doubtful(part, f"版本 {revision} 比程序新，只多不少，程序还能用", "逐台升级时如此；请尽快升级这一台")
    return doubtful(part, f"版本 {revision}，程序要 {migrations.head()}", f"先备份，再{PREPARE}")


def sealed_texts(session: Session, settings: Settings) -> Finding:
    """Whether our keys open the newest messages."""
    part = "密封的内容"
    newest = select(type_coerce(Message.text, Text)).order_by(Message.id.desc()).limit(_TEXTS_TRIED)
    texts = [text for text in session.scalars(newest) if is_sealed(text)]
    if texts and not settings.identity_key and not settings.identity_key_path.exists():
        return wrong(part, "数据库里有，密钥却不见了", "停下来，把备份的密钥放回去，再启动")
    try:
        for text in texts:
            Sealer.of(settings).open(text)
    except SealBroken:
        return wrong(part, "现有的密钥打不开", "停下来，把封它的那把密钥放回去，再启动")
    return right(part, f"最近的 {len(texts)} 条都打得开")


def city_orders(session: Session, now: datetime) -> Finding:
    part, told = "城市工单系统", alarms(session, now)
    if not told:
        return right(part, "没有发不出去的单子")
    return doubtful(part, told[0].rstrip("。"), "看案件页上的原因，核对 CITY_ORDERS_* 和对方系统")


def laws(changed_at: datetime | None, today: date) -> Finding:
    how = "用 python -m bot import-laws 载入新的清单（docs/laws.md）"
    if changed_at is None:
        return doubtful("法律清单", "一条也没有，引用的法失效了不会知道", how)
    day = today_in_china(changed_at)
    said = f"最近一次有变化是 {day}"
    return doubtful("法律清单", said, how) if today - day > _LAWS_OLD_AFTER else right("法律清单", said)


def second_pair(session: Session, settings: Settings) -> Finding:
    """Whether what one person proposes in the console can be approved by another one."""
    part, approvers = "双人核准", approvers_of(session)
    if len(approvers) > 1 or not settings.second_pair_of_eyes:
        return right(part, f"{len(approvers)} 人能核准" if settings.second_pair_of_eyes else "没有要两个人的")
    if any(person.role in settings.second_pair_excused_roles for person in approvers):
        return right(part, "只有 1 人，可以核准自己提的")
    return doubtful(
        part,
        f"只有 {len(approvers)} 人能核准，提出的改动没有别人能核准",
        "在“人员”页再加审核员或者值班主管；人手少的，设 SECOND_PAIR_EXCUSED_ROLES",
    )


def indexes(are_current: bool, *, are_being_built: bool) -> Finding:
    if are_current:
        return right("索引", "是最新的")
    if are_being_built:
        return right("索引", "正在建新的，先按原来的内容回答")
    return doubtful("索引", "不是最新的，先按原来的内容回答", "运行 python -m bot build-index（运行中的助手会自己建）")


def model(settings: Settings) -> Finding:
    part = "模型"
    try:
        live = live_model(settings)
    except LiveModelBroken as error:
        return wrong(part, str(error), "删掉这个文件，启动时重新训练")
    if live is None:
        return doubtful(part, "还没有训练", PREPARE)
    path = model_path(settings, live.model)
    if not path.exists():
        return doubtful(part, f"{path.name} 不见了", PREPARE)
    if not is_whole(path):
        return wrong(part, f"{path} 不完整", f"删掉它，{PREPARE}")
    if not settings.lexicon_path.exists() or live.base != fingerprint(settings):
        return doubtful(
            part, f"{live.model} 完好，但训练数据、程序或者事项目录后来改过", "下次启动时会重新训练，约一分钟"
        )
    return right(part, f"{live.model}，从 {_since(live.at)} 起用，完好，和现在的数据一致")


def _since(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone(CHINA):%Y-%m-%d %H:%M}"
