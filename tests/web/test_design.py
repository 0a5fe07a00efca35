"""The design of the page: contrast that is reckoned, and modules that are all asked for at once."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.async_api import expect
from sqlalchemy import select

from bot.catalogue.models import City
from bot.web.keys import DATABASE
from bot.web.portal import MODULES
from tests.web.console import Browser
from tests.web.pages import chromium
from tests.web.portal import Engine, running_portal

STATIC = Path("bot/web/static")
# WCAG 2.2: 1.4.3 for text, 1.4.11 for the edges of what is operated.
TEXT, EDGE = 4.5, 3.0
PAIRS = [
    *(("ink", on, TEXT) for on in ("page", "paper", "tint")),
    *(("soft", on, TEXT) for on in ("page", "paper")),
    *(("brand", on, TEXT) for on in ("page", "paper", "tint")),
    *(("bad", on, TEXT) for on in ("page", "paper")),
    ("good", "paper", TEXT),
    ("warn", "warn-tint", TEXT),
    ("brand-ink", "brand", TEXT),
    *(("edge", on, EDGE) for on in ("page", "paper")),
]


def colours(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", css))


def palettes() -> dict[str, dict[str, str]]:
    """Light, dark and print; each later one replaces only some colours of the first."""
    light, dark, paper = re.split(r"@media [^{]+\{", (STATIC / "tokens.css").read_text())
    return {"light": colours(light), "dark": colours(light) | colours(dark), "print": colours(light) | colours(paper)}


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("palette", ["light", "dark", "print"])
def test_each_colour_stands_out_from_what_it_stands_on(palette: str) -> None:
    found = palettes()[palette]
    weak = [(front, back) for front, back, least in PAIRS if contrast(found[front], found[back]) < least]
    assert weak == []


def test_the_scale_of_type_grows_and_nothing_is_smaller_than_13_pixels() -> None:
    css = (STATIC / "tokens.css").read_text()
    sizes = [float(size) for size in re.findall(r"--(?:tiny|small|text|lead|title|huge): ([\d.]+)rem", css)]
    assert all(smaller < larger for smaller, larger in pairwise(sizes))
    assert sizes[0] * 16 >= 13


def test_colours_and_fonts_are_named_in_one_file() -> None:
    css = (STATIC / "chat.css").read_text()
    assert re.findall(r"#[0-9a-f]{3,6}\b", css) == []


def test_the_page_asks_at_once_for_every_module_that_it_imports() -> None:
    needed, waiting = {"chat.js"}, ["chat.js"]
    while waiting:
        imported = re.findall(r'from "\./([\w-]+\.js)"', (STATIC / waiting.pop()).read_text())
        waiting += [name for name in imported if name not in needed]
        needed.update(imported)
    assert sorted(needed) == MODULES


@pytest.fixture
async def portal(tmp_path: Path) -> AsyncIterator[Browser]:
    async with running_portal(Engine(), tmp_path, SITE_SPONSOR="云河市政府办", SITE_ICP="云ICP备1号") as browser:
        yield browser


async def test_the_foot_tells_what_is_set_and_leaves_out_the_rest(portal: Browser) -> None:
    html = await (await portal.get("/")).text()
    assert "主办单位：云河市政府办" in html
    assert "云ICP备1号" in html
    assert "承办单位" not in html
    assert "网站标识码" not in html


async def test_the_page_of_components_draws_each_kind_of_card_and_is_no_wider_than_a_small_screen(
    portal: Browser,
) -> None:
    async with chromium(portal, {"width": 320, "height": 640}) as open_empty:
        page = await open_empty()
        await page.goto("/design")
        await expect(page.locator("#answers-log .theirs")).to_have_count(10)
        await expect(page.locator("#states-log .turn")).to_have_count(5)
        for name in ("居民身份证补领", "开办餐饮店一件事", "小区门口路灯不亮", "申请回执"):
            await expect(page.get_by_role("article", name=name)).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320


async def test_a_real_city_shows_no_page_of_components(portal: Browser) -> None:
    assert portal.app is not None
    with portal.app[DATABASE].transaction() as session:
        session.scalars(select(City)).one().is_sample = False
    assert (await portal.get("/design")).status == 404
