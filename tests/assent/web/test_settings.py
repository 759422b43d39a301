"""The settings in the console: all of them, as they are, and never a secret."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from assent.config import Settings
from assent.web.settings import told
from assent_vault.config import VaultSettings
from support.browser import Browser

SECRET = "a secret of the relays, long enough"
DATABASE = "postgresql://somebody:hunter2@elsewhere/assent"
_SECRET = re.compile(r"secret|password|passphrase|token|credential|(^|_)key(_|$)")


def load(tmp_path: Path, **environ: str) -> Settings:
    given = {"DATA_DIR": str(tmp_path), **environ}
    return Settings.load(None, {f"ASSENT_{key.upper()}": value for key, value in given.items()})


def test_each_is_told_once_with_the_key_that_changes_it(tmp_path: Path) -> None:
    found = told(load(tmp_path, retention_days="30", media_addresses="192.0.2.1,192.0.2.2"))
    keys = [each["key"] for each in found]
    fields = {item.name for kind in (Settings, VaultSettings) for item in dataclasses.fields(kind)}
    assert sorted(keys) == sorted(fields - {"vault"})
    by = {each["key"]: each for each in found}
    assert by["retention_days"]["variable"] == "ASSENT_RETENTION_DAYS"
    assert by["retention_days"]["value"] == "30"
    assert by["media_addresses"]["value"] == "192.0.2.1, 192.0.2.2"
    assert by["media_tcp"]["value"] == "true"
    assert by["export_downloads"]["value"] == "0"
    assert (by["turn_urls"]["set"], by["turn_urls"]["value"]) == (False, None)
    assert all(each["about"] for each in found)


def test_no_secret_is_told(tmp_path: Path) -> None:
    settings = load(
        tmp_path, turn_secret=SECRET, turn_urls="turn:turn.example.org", database_url=DATABASE
    )
    found = {each["key"]: each for each in told(settings)}
    for key in ("turn_secret", "database_url"):
        assert (found[key]["secret"], found[key]["set"], found[key]["value"]) == (True, True, None)
    assert {key for key, each in found.items() if each["secret"]} == {"turn_secret", "database_url"}
    assert SECRET not in str(found)
    assert "hunter2" not in str(found)


@pytest.mark.parametrize("kind", [Settings, VaultSettings])
def test_what_is_named_as_a_secret_is_kept_as_one(kind: type[Settings | VaultSettings]) -> None:
    """Of a setting that is still to come, too; the path of a file is none."""
    for item in dataclasses.fields(kind):
        if "Path" not in str(item.type) and _SECRET.search(item.name):
            assert not item.repr, f"{item.name} would be shown in the console, and in logs"


async def test_they_are_told_to_administrators(browser: Browser) -> None:
    path = "/api/admin/settings"
    assert (await browser.get(path)).code == "not-signed-in"
    await browser.become("host")
    assert (await browser.get(path)).code == "forbidden"
    async with browser.another() as admin:
        await admin.become("administrator", "ada")
        assert len((await admin.get(path)).json["settings"]) > 30
