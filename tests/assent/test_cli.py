"""The command as an operator meets it: words, exit codes, nothing of its insides."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from assent import cli, offline
from assent_vault.formats.suite import decode, digest
from assent_vault.store.database import Database
from assent_vault.store.models import InvitationRow

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the settings of whoever runs the tests away, and the data in a folder of its own."""
    for name in list(os.environ):
        if name.startswith("ASSENT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ASSENT_DATA_DIR", str(tmp_path / "data"))


def test_settings_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check-config"]) == 0
    assert capsys.readouterr().out == "The settings are in order.\n"


def test_every_mistake_is_listed_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASSENT_LISTEN_PORT", "x")
    monkeypatch.setenv("ASSENT_GRACE", "1")
    for command in ("check-config", "serve", "admin-link"):
        assert cli.main([command]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.splitlines() == [
            "The settings cannot be used:",
            "  - ASSENT_GRACE in the environment is not a setting.",
            "  - listen_port must be a whole number from 1 to 65535.",
        ]


def test_the_settings_file_is_named_by_option_or_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text("listen_port = 9000\n")
    bad.write_text("listen_port = 0\n")
    assert cli.main(["check-config", "--config", str(good)]) == 0
    monkeypatch.setenv("ASSENT_CONFIG", str(bad))
    assert cli.main(["check-config"]) == 2
    assert cli.main(["check-config", "--config", str(good)]) == 0
    monkeypatch.setenv("ASSENT_CONFIG", str(tmp_path / "missing"))
    assert cli.main(["check-config"]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_a_wrong_notice_is_a_mistake_in_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "en.md").write_text("Trust us.")
    monkeypatch.setenv("ASSENT_NOTICE_DIR", str(tmp_path))
    assert cli.main(["check-config"]) == 2
    assert capsys.readouterr().err.count("never says") == 4


def test_the_keys_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check-config", "--keys"]) == 0
    assert "tls_certificate = (none)" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["sing"], ["serve", "now"], ["serve", "--port", "1"]])
def test_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == 2
    assert "usage: assent" in capsys.readouterr().err


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("assent ")


def test_an_administrator_link_beside_a_running_server(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["admin-link"]) == 1
    assert "There is no database yet" in capsys.readouterr().err
    assert cli.main(["migrate"]) == 0
    capsys.readouterr()
    assert cli.main(["admin-link"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    link = re.fullmatch(r"http://localhost:8080/invitation#([A-Za-z0-9_-]{43})\n", said.out)
    assert link is not None

    async def stored() -> list[tuple[bytes, str]]:
        database = Database(f"sqlite:///{tmp_path / 'data' / 'assent.db'}")
        async with database.read() as session:
            found = (
                await session.execute(select(InvitationRow.token_hash, InvitationRow.role))
            ).all()
        await database.close()
        return [(token, role) for token, role in found]

    assert asyncio.run(stored()) == [(digest(decode(link[1])), "administrator")]


def test_a_database_that_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("not a database " * 100)
    monkeypatch.setenv("ASSENT_DATABASE_URL", f"sqlite:///{tmp_path / 'file'}")
    assert cli.main(["admin-link"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("Assent cannot start. ")
    assert "Traceback" not in said


def test_a_mistake_of_ours_shows_its_shape_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(_settings: object) -> str:
        raise KeyError("hunter2")

    monkeypatch.setattr(offline, "new_administrator_link", broken)
    assert cli.main(["admin-link"]) == 1
    said = capsys.readouterr().err
    assert "builtins.KeyError" in said
    assert "hunter2" not in said


def test_it_can_be_run_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "assent.cli", "check-config"],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'server'}:{ROOT / 'storage'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "The settings are in order.\n"), done.stderr
