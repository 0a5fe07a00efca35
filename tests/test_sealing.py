import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.sealing import SealBroken, Sealer
from bot.settings import Settings, SettingsError


def settings(tmp_path: Path, **more: str) -> Settings:
    return Settings.from_environment({"VAR_DIR": str(tmp_path), **more})


def test_what_was_sealed_opens_with_the_same_key_only() -> None:
    one, other = Sealer(Fernet.generate_key()), Sealer(Fernet.generate_key())
    sealed = one.seal("11010519491231002X")
    assert "11010519491231002X" not in sealed
    assert one.open(sealed) == "11010519491231002X"
    with pytest.raises(SealBroken):
        other.open(sealed)


def test_equal_texts_have_one_digest_under_a_key_and_another_under_another() -> None:
    one, other = Sealer(Fernet.generate_key()), Sealer(Fernet.generate_key())
    assert one.digest("a") == one.digest("a") != one.digest("b")
    assert one.digest("a") != other.digest("a")


def test_without_a_setting_the_key_is_made_once_and_is_for_us_alone(tmp_path: Path) -> None:
    sealed = Sealer.of(settings(tmp_path)).seal("王小明")
    key = tmp_path / "identity.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert Sealer.of(settings(tmp_path)).open(sealed) == "王小明"
    assert [path.name for path in tmp_path.iterdir()] == ["identity.key"]


def test_the_key_of_the_setting_is_used(tmp_path: Path) -> None:
    key = Fernet.generate_key()
    sealed = Sealer.of(settings(tmp_path, IDENTITY_KEY=key.decode())).seal("王小明")
    assert Sealer(key).open(sealed) == "王小明"
    assert not (tmp_path / "identity.key").exists()


def test_a_malformed_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="IDENTITY_KEY"):
        Sealer.of(settings(tmp_path, IDENTITY_KEY="secret"))
