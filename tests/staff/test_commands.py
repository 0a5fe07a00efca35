"""`python -m bot staff …` and `audit`."""

from __future__ import annotations

from pathlib import Path

import pyotp
import pytest
from click.testing import CliRunner, Result

from bot.cli import cli
from bot.staff import commands
from tests.staff.people import NOW, PASSWORD


@pytest.fixture(autouse=True)
def _var_dir(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)


def bot(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli, [*words], input=typed)


def add(*more: str, typed: str = f"{PASSWORD}\n{PASSWORD}\n") -> Result:
    return bot("staff", "add", "zhang", "--name", "张三", "--role", "administrator", *more, typed=typed)


def test_the_first_administrator_is_added_with_a_password_typed_twice_and_unseen() -> None:
    added = add()
    assert added.exit_code == 0, added.output
    assert PASSWORD not in added.output
    listed = bot("staff", "list").output
    assert "zhang  张三  系统管理员  从未登录" in listed
    assert "添加人员  zhang  系统管理员" in bot("audit", "--subject", "zhang").output


def test_a_bad_or_mistyped_password_is_asked_for_again() -> None:
    added = add(typed=f"short\n{PASSWORD}\nother\n{PASSWORD}\n{PASSWORD}\n")
    assert added.exit_code == 0, added.output
    assert "密码至少 10 位" in added.output
    assert "两次输入的不一样" in added.output


def test_a_password_from_standard_input_is_asked_for_once() -> None:
    assert add("--password-stdin", typed=f"{PASSWORD}\n").exit_code == 0
    refused = bot("staff", "password", "zhang", "--password-stdin", typed="short\n")
    assert refused.exit_code == 1
    assert "密码至少 10 位" in refused.output
    assert bot("staff", "password", "zhang", "--password-stdin", typed="another tea 8\n").exit_code == 0


def test_who_has_left_is_listed_as_such() -> None:
    add()
    assert bot("staff", "deactivate", "zhang").exit_code == 0
    assert "已停用" in bot("staff", "list").output
    assert bot("staff", "reactivate", "zhang").exit_code == 0
    assert "已停用" not in bot("staff", "list").output


@pytest.mark.parametrize("command", ["deactivate", "reactivate", "password", "totp"])
def test_an_unknown_login_is_a_clear_error(command: str) -> None:
    refused = bot("staff", command, "nobody")
    assert refused.exit_code == 1
    assert "没有登录名为“nobody”的人" in refused.output


def test_a_second_factor_is_set_up_and_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = pyotp.random_base32()
    monkeypatch.setattr(commands.second_factor, "new_secret", lambda: secret)
    monkeypatch.setattr(commands, "utcnow", lambda: NOW)
    add()
    assert bot("staff", "totp", "zhang", typed="000000\n").exit_code == 1
    done = bot("staff", "totp", "zhang", typed=f"{pyotp.TOTP(secret).at(NOW)}\n")
    assert done.exit_code == 0, done.output
    assert "otpauth://totp/" in done.output
    assert "有动态验证码" in bot("staff", "list").output
    assert bot("staff", "totp", "zhang", "--remove").exit_code == 0
    assert "无动态验证码" in bot("staff", "list").output


def test_the_log_is_listed_from_a_day_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "utcnow", lambda: NOW)
    add()
    assert bot("audit", "--since", "2026-03-02").output.endswith("共 1 条。\n")
    assert bot("audit", "--since", "2026-03-03").output == "共 0 条。\n"
    assert bot("audit", "--who", "nobody").output == "共 0 条。\n"
