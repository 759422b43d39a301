"""The vault's settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from assent_vault.config import VaultSettings
from assent_vault.errors import ConfigError


def load(toml: str | None, tmp_path: Path, **environ: str) -> VaultSettings:
    file = None
    if toml is not None:
        file = tmp_path / "assent.toml"
        file.write_text(toml)
    return VaultSettings.load(file, environ)


def mistakes(toml: str | None, tmp_path: Path, **environ: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load(toml, tmp_path, **environ)
    return caught.value.mistakes


def test_defaults(tmp_path: Path) -> None:
    assert load(None, tmp_path) == VaultSettings(
        data_dir=Path("data"),
        database_url="sqlite+aiosqlite:///data/assent.db",
        objects_url="data/objects",
        vault_dir=Path("data/vault"),
        exports_dir=Path("exports"),
        cooling_off_seconds=86_400,
        retention_days=None,
        poll_interval_ms=1_000,
        free_space_floor_mb=256,
    )


def test_places_follow_the_data_folder(tmp_path: Path) -> None:
    settings = load('data_dir = "/srv/assent"', tmp_path)
    assert settings.database_url == "sqlite+aiosqlite:////srv/assent/assent.db"
    assert settings.objects_url == "/srv/assent/objects"
    assert settings.vault_dir == Path("/srv/assent/vault")


def test_every_key_from_the_file(tmp_path: Path) -> None:
    settings = load(
        """
        data_dir = "a"
        database_url = "postgresql://u:p@h/d"
        objects_url = "file:///b"
        vault_dir = "c"
        exports_dir = "e"
        cooling_off_seconds = 0
        retention_days = 30
        poll_interval_ms = 10
        free_space_floor_mb = 2
        listen_port = 1
        """,
        tmp_path,
    )
    assert settings == VaultSettings(
        data_dir=Path("a"),
        database_url="postgresql://u:p@h/d",
        objects_url="file:///b",
        vault_dir=Path("c"),
        exports_dir=Path("e"),
        cooling_off_seconds=0,
        retention_days=30,
        poll_interval_ms=10,
        free_space_floor_mb=2,
    )


def test_environment_wins(tmp_path: Path) -> None:
    settings = load(
        'cooling_off_seconds = 5\nvault_dir = "x"', tmp_path, ASSENT_COOLING_OFF_SECONDS="7"
    )
    assert (settings.cooling_off_seconds, settings.vault_dir) == (7, Path("x"))


def test_every_mistake_is_named(tmp_path: Path) -> None:
    found = mistakes(
        """
        data_dir = 1
        database_url = "mysql://root:hunter2@h/d"
        objects_url = "s3://bucket"
        vault_dir = ""
        exports_dir = " "
        cooling_off_seconds = -1
        """,
        tmp_path,
        ASSENT_POLL_INTERVAL_MS="soon",
        ASSENT_FREE_SPACE_FLOOR_MB="-1",
    )
    assert [mistake.split()[0] for mistake in found] == [
        "data_dir",
        "database_url",
        "objects_url",
        "vault_dir",
        "exports_dir",
        "cooling_off_seconds",
        "poll_interval_ms",
        "free_space_floor_mb",
    ]
    assert "hunter2" not in "".join(found)
    assert all(mistake.endswith(".") for mistake in found)


@pytest.mark.parametrize("value", ["true", "1.5", '"1e3"', '"-1"', '"٣"', "31622401", '""'])
def test_numbers(tmp_path: Path, value: str) -> None:
    assert mistakes(f"cooling_off_seconds = {value}", tmp_path)


@pytest.mark.parametrize("url", ["sqlite", "sqlite://", "http://h", "postgresql://", "mysql://h/d"])
def test_database_urls(tmp_path: Path, url: str) -> None:
    assert mistakes(None, tmp_path, ASSENT_DATABASE_URL=url)


@pytest.mark.parametrize(
    "url", ["file://host/path", "file://", "file://[", "s3://b", "https://h/p"]
)
def test_objects_urls(tmp_path: Path, url: str) -> None:
    assert mistakes(None, tmp_path, ASSENT_OBJECTS_URL=url)


@pytest.mark.parametrize(
    ("objects", "vault"), [("o", "o"), ("o", "o/vault"), ("file:///srv/o", "/srv/o/vault")]
)
def test_keys_do_not_lie_among_the_objects(tmp_path: Path, objects: str, vault: str) -> None:
    (mistake,) = mistakes(None, tmp_path, ASSENT_OBJECTS_URL=objects, ASSENT_VAULT_DIR=vault)
    assert mistake.startswith("vault_dir")


def test_a_key_that_nobody_knows_is_named_with_the_one_that_is_meant(tmp_path: Path) -> None:
    found = mistakes(
        "cooling_of_seconds = 1\nlisten_port = 9000\nlisten_prot = 1\nqueue = 5\n",
        tmp_path,
        ASSENT_LOG_LEVLE="debug",
        ASSENT_RETENTION_DAYS="7",
        ASSENT_CONFIG="x",
        ASSENT_TEST_POSTGRES="/x",
        ASSENT_BIND="0.0.0.0",
        ASSENT_log_level="debug",
    )
    assert found == (
        "cooling_of_seconds is not a setting; perhaps cooling_off_seconds is meant.",
        "listen_prot is not a setting; perhaps listen_port is meant.",
        "queue is not a setting.",
        "ASSENT_BIND in the environment is not a setting.",
        "ASSENT_LOG_LEVLE in the environment is not a setting; perhaps ASSENT_LOG_LEVEL is meant.",
        "ASSENT_log_level in the environment is not a setting; perhaps ASSENT_LOG_LEVEL is meant.",
    )


def test_an_export_takes_one_approval_or_none(tmp_path: Path) -> None:
    assert VaultSettings.load(None, {}).export_approvals == 0
    found = VaultSettings.load(None, {"ASSENT_EXPORT_APPROVALS": "1"})
    assert found.export_approvals == 1
    for value in ("2", "-1", "yes", "true", ""):
        with pytest.raises(ConfigError) as refused:
            VaultSettings.load(None, {"ASSENT_EXPORT_APPROVALS": value})
        assert "export_approvals must be" in str(refused.value)


def test_so_many_are_downloaded_at_a_time(tmp_path: Path) -> None:
    assert VaultSettings.load(None, {}).export_downloads == 0
    for value in ("0", "8"):
        found = VaultSettings.load(None, {"ASSENT_EXPORT_DOWNLOADS": value})
        assert found.export_downloads == int(value)
    for value in ("9", "-1", "yes", ""):
        with pytest.raises(ConfigError) as refused:
            VaultSettings.load(None, {"ASSENT_EXPORT_DOWNLOADS": value})
        assert "export_downloads must be" in str(refused.value)


def test_what_is_logged_is_set_in_the_file_or_the_environment(tmp_path: Path) -> None:
    settings = load('log_level = "debug"\nlog_format = "console"', tmp_path)
    assert (settings.log_level, settings.log_format) == ("debug", "console")
    settings = load('log_level = "debug"', tmp_path, ASSENT_LOG_LEVEL="error")
    assert settings.log_level == "error"
    assert mistakes('log_level = "loud"\nlog_format = "xml"', tmp_path) == (
        "log_level must be one of debug, info, warning, error.",
        "log_format must be one of auto, json, console.",
    )


def test_nothing_shows_a_password(tmp_path: Path) -> None:
    settings = load(None, tmp_path, ASSENT_DATABASE_URL="postgresql://assent:hunter2@db/assent")
    assert "hunter2" not in repr(settings)


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    assert "is not TOML" in mistakes("data_dir = ", tmp_path)[0]
    with pytest.raises(ConfigError) as caught:
        VaultSettings.load(tmp_path / "none.toml", {})
    assert "cannot be read" in caught.value.mistakes[0]
    (tmp_path / "bad.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError):
        VaultSettings.load(tmp_path / "bad.toml", {})
    (tmp_path / "huge.toml").write_bytes(b"#" * (1024 * 1024 + 1))
    with pytest.raises(ConfigError, match="over 1 MiB"):
        VaultSettings.load(tmp_path / "huge.toml", {})
