"""`python -m bot notices`: checks the templates of notices."""

from __future__ import annotations

import sys

import click

from bot.notices import agencies, templates
from bot.notices.fonts import NoChineseFont, body_font, title_font
from bot.settings import Settings


@click.group("notices")
def notices() -> None:
    """Official notices on disclosure requests (docs/notices.md)."""


@notices.command("check")
def check() -> None:
    """Check the templates in NOTICES_DIR and the built-in ones, agencies.yml, and the fonts for PDF."""
    folder, flaws = Settings.from_environment().notices_dir, []
    for load in (lambda: templates.load(folder), lambda: agencies.load_agency(folder, agencies.OTHERS, "")):
        try:
            load()
        except templates.TemplateError as error:
            flaws.append(str(error))
    try:
        click.echo(f"PDF 用的字体：正文 {body_font().family}，标题 {title_font().family}")
    except NoChineseFont:
        click.echo("没有找到中文字体（要有 fontconfig 和一种中文字体），只能下载 Word")
    if flaws:
        click.echo("\n".join(flaws), err=True)
        sys.exit(1)
    click.echo("模板没有问题")
