"""Whether the server says truthfully how it is."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from sqlalchemy import delete

from assent.web import ClientFiles, Context
from assent_vault.formats.suite import decode
from assent_vault.ledger.documents import ServerSigned, verify_log
from assent_vault.store import models
from support.browser import Browser
from support.clock import ManualClock


def with_client(parts: Context, folder: Path) -> Context:
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html>")
    return dataclasses.replace(parts, client=ClientFiles.load(folder))


async def test_it_lives(browser: Browser) -> None:
    answer = await browser.get("/healthz")
    assert (answer.status, answer.json) == (200, {"ok": True})


async def beat(parts: Context, problem: str | None = None) -> None:
    """Give a sign of life as the worker does."""
    async with parts.database.write() as session:
        now = parts.clock.now()
        await session.merge(
            models.WorkerHeartbeatRow(name="vault", started_at=now, beat_at=now, problem=problem)
        )


async def test_it_is_ready_when_nothing_is_missing(parts: Context, tmp_path: Path) -> None:
    await beat(parts)
    async with Browser.of(with_client(parts, tmp_path / "built")) as browser:
        answer = await browser.get("/readyz")
        assert (answer.status, answer.json) == (200, {"ready": True})


async def test_every_reason_is_told(parts: Context) -> None:
    async with parts.database.write() as session:
        await session.execute(delete(models.VaultIdentityRow))
    broken = dataclasses.replace(parts, problems=lambda: ["worker-not-running"])
    async with Browser.of(broken) as browser:
        answer = await browser.get("/readyz")
        assert answer.status == 503
        assert answer.json == {
            "ready": False,
            "reasons": ["client-not-built", "vault-never-seen", "worker-not-running"],
        }
        assert (await browser.get("/healthz")).status == 200


async def test_a_worker_that_has_fallen_silent_is_told(
    parts: Context, tmp_path: Path, clock: ManualClock
) -> None:
    async with Browser.of(with_client(parts, tmp_path / "built")) as browser:
        silent = {"ready": False, "reasons": ["worker-silent"]}
        assert (await browser.get("/readyz")).json == silent
        await beat(parts)
        clock.pass_(29)
        assert (await browser.get("/readyz")).status == 200
        clock.pass_(2)
        answer = await browser.get("/readyz")
        assert (answer.status, answer.json) == (503, silent)
        await beat(parts)
        assert (await browser.get("/readyz")).status == 200


async def test_what_keeps_the_worker_from_its_work_is_told(parts: Context, tmp_path: Path) -> None:
    await beat(parts, problem="objects-unavailable")
    async with Browser.of(with_client(parts, tmp_path / "built")) as browser:
        answer = await browser.get("/readyz")
        assert answer.json == {"ready": False, "reasons": ["objects-unavailable"]}


async def test_both_times_are_told_while_the_clock_is_in_doubt(
    parts: Context, tmp_path: Path
) -> None:
    await beat(parts, problem="clock-unconfirmed")
    times = {"clock": 2, "reckoned": 1}
    doubting = dataclasses.replace(with_client(parts, tmp_path / "built"), doubt=lambda: times)
    async with Browser.of(doubting) as browser:
        answer = await browser.get("/readyz")
        expected = {"ready": False, "reasons": ["clock-unconfirmed"], "times": times}
        assert (answer.status, answer.json) == (503, expected)
        await beat(parts)  # a machine that was off for a night: nobody has to do anything
        answer = await browser.get("/readyz")
        assert (answer.status, answer.json) == (200, {"ready": True, "times": times})


async def test_anybody_may_know_who_runs_it_and_with_which_keys(browser: Browser) -> None:
    info = (await browser.get("/api/info")).json
    assert info["operator"] == {
        "name": browser.parts.settings.operator_name,
        "contact": browser.parts.settings.operator_contact,
    }
    assert decode(info["server_key"]) == browser.parts.server_key
    assert decode(info["build"]) == browser.parts.client.build
    assert len(decode(info["vault_identity"])) == 32
    signed = ServerSigned(decode(info["log"]["document"]), decode(info["log"]["signature"]))
    log = verify_log(signed, browser.parts.server_key).log
    assert (log.name, log.vkey) == (info["log"]["origin"], info["log"]["vkey"])
    assert info["languages"] == ["ar", "de", "en", "es", "fr"]
    assert set(info) == {
        "operator",
        "build",
        "server_key",
        "vault_identity",
        "log",
        "languages",
        "shows_names",
        "version",
    }


async def test_a_vault_that_was_never_seen_has_no_identity(browser: Browser) -> None:
    async with browser.parts.database.write() as session:
        await session.execute(delete(models.VaultIdentityRow))
    assert (await browser.get("/api/info")).json["vault_identity"] is None
