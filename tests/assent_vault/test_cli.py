"""The command: what it says, how it exits, and that it never shows a traceback to a user."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from assent_vault.cli import main
from assent_vault.formats.statement import Will
from assent_vault.store.models import ExportRow, ReleaseRow
from support.commands import EXPORT
from support.sample_media import tone
from support.vault import RealClock, VaultScene

SOUND = {"microphone": tone(440, 3000)}
STORAGE = Path(__file__).parents[2] / "storage"


async def run(stage: VaultScene, *arguments: str, **changes: str) -> tuple[int, str, str]:
    """Run the command; returns exit code, standard output, standard error."""
    settings = stage.settings
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "assent_vault.cli", *arguments),
        env={
            "PYTHONPATH": str(STORAGE),
            "PATH": os.environ["PATH"],
            "ASSENT_DATA_DIR": str(settings.data_dir),
            "ASSENT_DATABASE_URL": settings.database_url,
            "ASSENT_EXPORTS_DIR": str(settings.exports_dir),
            "ASSENT_COOLING_OFF_SECONDS": "0",
            **changes,
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(120):
        out, error = await child.communicate()
    assert child.returncode is not None
    assert b"Traceback" not in error
    return child.returncode, out.decode(), error.decode()


def mistaken(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Give the command arguments that are wrong; returns what it says of them.

    It ends before it does anything; ``test_wrong_arguments_are_told`` starts a process for it.
    """
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    said, error = capsys.readouterr()
    assert (ended.value.code, said) == (2, ""), arguments
    return error


async def test_it_exports_when_no_worker_runs(stage: VaultScene, tmp_path: Path) -> None:
    meeting = await stage.released(1, **SOUND)
    await stage.close()
    out = tmp_path / "data-set"
    code, said, _ = await run(stage, *EXPORT, "--out", str(out))
    assert (code, said) == (0, f"Exported 1 meeting(s) to {out}\n")
    (described,) = json.loads((out / "MANIFEST.json").read_bytes())["meetings"]
    assert described["meeting"] == meeting.id
    code, said, error = await run(stage, *EXPORT, "--out", str(tmp_path / "again"))
    assert (code, said) == (1, "")
    assert "assent-vault: nothing-to-export: " in error
    assert not (tmp_path / "again").exists()


async def test_it_asks_a_worker_that_runs(stage: VaultScene, tmp_path: Path) -> None:
    meeting = await stage.released(1, **SOUND)
    await stage.cool_off()
    stage.clock = RealClock()
    await stage.restart()
    await stage.worker.beat()
    stop = asyncio.Event()
    worker = asyncio.create_task(stage.worker.run(stop))
    out = tmp_path / "data-set"
    code, said, error = await run(stage, *EXPORT, "--out", str(out))
    stop.set()
    await worker
    assert (code, said) == (0, f"Exported 1 meeting(s) to {out}\n"), error
    assert json.loads((out / "MANIFEST.json").read_bytes())["meetings"][0]["meeting"] == meeting.id
    assert list(stage.exports.iterdir()) == []
    async with stage.database.read() as session:
        (row,) = (await session.scalars(select(ExportRow))).all()
    assert (row.state, row.folder) == ("done", str(out))


async def test_a_dry_run_tells_and_leaves_everything(stage: VaultScene, tmp_path: Path) -> None:
    meeting = await stage.released(1, **SOUND)
    await stage.cool_off()
    await stage.close()
    code, said, _ = await run(stage, "export", "--dry-run")
    assert code == 0
    assert said.startswith("1 meeting(s), 0.00 hours, about 0.0 MB"), said
    code, said, _ = await run(stage, "export", "--dry-run", "--json", "--until", "2001-01-01")
    assert json.loads(said) == {
        "event": "forecast", "meetings": 0, "hours": 0.0, "bytes": 0, "left": 0, "refused": {},
    }  # fmt: skip
    assert not stage.exports.exists()
    await stage.open()
    assert await stage.state(meeting) == "ready"


async def test_what_tracks_are_like_can_be_asked_for_and_what_is_left_out_is_told(
    stage: VaultScene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    meeting = await stage.meeting()
    for _ in range(2):
        await meeting.says(await meeting.comes(), Will.YES, Will.YES)
    one, two = meeting.people
    short = {"microphone": tone(440, 1000)}
    await meeting.record([(one, {"microphone": tone(440, 3000)}), (two, short)])
    await meeting.end()
    await stage.cool_off()
    await stage.close()
    asked = ("--language", "EN", "--least-seconds", "3", "--most-filled", ".5")
    code, said, _ = await run(stage, "export", "--dry-run", *asked)
    assert said.startswith("1 meeting(s)"), said
    code, said, _ = await run(stage, "export", "--dry-run", "--language", "de")
    assert said.startswith("0 meeting(s)"), said
    for wrong in (
        ("--language", "*"),
        ("--least-seconds", "-1"),
        ("--most-filled", "2"),
        ("--most-clipped", "nan"),
    ):
        assert wrong[0] in mistaken(capsys, "export", "--dry-run", *wrong).splitlines()[-1]
    out = tmp_path / "data-set"
    code, said, error = await run(stage, *EXPORT, *asked, "--out", str(out))
    assert code == 0, error
    assert said.splitlines() == [
        f"Exported 1 meeting(s) to {out}",
        "1 track(s) of these are not in it, for what they are like.",
    ]


async def test_it_tells_programs_in_lines_of_json(stage: VaultScene, tmp_path: Path) -> None:
    await stage.released(1, **SOUND)
    await stage.close()
    out = tmp_path / "data-set"
    code, said, error = await run(stage, *EXPORT, "--json", "--no-proofs", "--out", str(out))
    assert code == 0, error
    *progress, last = [json.loads(line) for line in said.splitlines()]
    assert {each["event"] for each in progress} == {"progress"}
    assert progress[-1]["meetings"] == progress[-1]["meetings_total"] == 1
    assert progress[-1]["bytes"] == progress[-1]["bytes_total"] > 0
    assert (last["event"], last["folder"], last["meetings"]) == ("done", str(out), 1)
    written = json.loads((out / "MANIFEST.json").read_bytes())
    assert (written["recipient"], written["purpose"]) == ("An Institute", "research")
    assert not (out / "consent.tar").exists()
    code, said, error = await run(stage, *EXPORT, "--json", "--out", str(tmp_path / "again"))
    assert code == 1
    assert json.loads(said)["error"] == "nothing-to-export"


def test_an_export_that_is_for_nobody_is_a_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ("--out", str(tmp_path / "x"))
    whom = ("--recipient", "An Institute", "--purpose", "speech")
    for arguments, words in (
        (out, "--recipient and --purpose"),
        ((*out, *whom[:2]), "--recipient and --purpose"),
        (whom, "--out"),
        ((*out, *whom, "--since", "2026-02-30"), "a day"),
        ((*out, *whom, "--since", "2026-02-02", "--until", "2026-02-01"), "--until is before"),
        ((*out, *whom, "--meeting", "../x"), "the id of a meeting"),
        ((*out, *whom[:3], "a\nb"), "a line of 1 to 500"),
        ((*out, *whom, "--format", "zip"), "invalid choice"),
        ((*out, *whom, "--shard-size", "10K"), "must be 1M to 1000G"),
        ((*out, *whom, "--shard-size", "9999999999999G"), "must be 1M to 1000G"),
    ):
        assert words in mistaken(capsys, "export", *arguments)
    assert not (tmp_path / "x").exists()


async def test_a_worker_that_does_not_answer_is_told(stage: VaultScene, tmp_path: Path) -> None:
    code, _, error = await run(stage, *EXPORT, "--out", str(tmp_path / "x"))
    assert code == 1
    assert "assent-vault: worker-not-running: " in error


async def test_a_vault_that_is_elsewhere_is_not_made_anew(
    stage: VaultScene, tmp_path: Path
) -> None:
    code, _, error = await run(
        stage, *EXPORT, "--out", str(tmp_path / "x"), ASSENT_VAULT_DIR=str(tmp_path / "vault")
    )
    assert code == 1
    assert "worker-not-running" in error
    assert not (tmp_path / "vault").exists()


async def test_the_place_must_be_free(stage: VaultScene, tmp_path: Path) -> None:
    await stage.close()
    (tmp_path / "taken").mkdir()
    code, _, error = await run(stage, *EXPORT, "--out", str(tmp_path / "taken"))
    assert code == 1
    assert "assent-vault: folder-exists: " in error


async def test_some_meetings_that_fail_have_an_exit_code_of_their_own(
    stage: VaultScene, tmp_path: Path
) -> None:
    damaged = await stage.released(1, **SOUND)
    await stage.released(1, **SOUND)
    await stage.close()
    segments = stage.settings.data_dir / "objects" / "meetings" / damaged.id
    shares = segments / "generations" / "000001" / "pairs.json"
    shares.unlink()
    code, said, error = await run(stage, *EXPORT, "--out", str(tmp_path / "x"))
    assert code == 3
    assert "Exported 1 meeting(s)" in said
    assert "assent-vault: some-meetings-failed: " in error
    await stage.open()
    async with stage.database.read() as session:
        row = await session.get(ReleaseRow, damaged.id)
    assert row is not None
    assert row.reason == "export-segments-damaged"


async def test_status_counts_and_names_nobody(stage: VaultScene) -> None:
    code, said, _ = await run(stage, "status")
    assert code == 0
    assert "worker: never seen" in said
    await stage.released(1, **SOUND)
    blocked = await stage.meeting()
    ada = await blocked.comes()
    await blocked.says(ada, Will.YES, Will.NO)
    await blocked.record([(ada, SOUND)])
    await blocked.end()
    await stage.worker.watch()
    await stage.worker.beat()
    code, said, _ = await run(stage, "status")
    assert code == 0
    assert "worker: last sign of life 2025-" in said
    assert "releases cooling: 1" in said
    assert "meetings blocked, refused: 1" in said
    assert "Somebody" not in said


async def test_keys_lists_what_became_of_each(stage: VaultScene) -> None:
    meeting, other = await stage.meeting(), await stage.meeting()
    person = await meeting.comes()
    await meeting.says(person, Will.YES, Will.YES)
    await meeting.says(person, Will.YES, Will.WITHDRAWN)
    await stage.worker.watch()
    code, said, _ = await run(stage, "keys")
    assert code == 0
    lines = said.splitlines()
    assert lines[0].startswith("identity SHA256:")
    assert any(line.startswith(f"meeting {meeting.id} ") and "destroyed" in line for line in lines)
    assert any(line.startswith(f"meeting {other.id} ") and "in use" in line for line in lines)


async def test_wrong_settings_are_all_named(stage: VaultScene, tmp_path: Path) -> None:
    code, _, error = await run(
        stage, "status", ASSENT_DATABASE_URL="mysql://x", ASSENT_POLL_INTERVAL_MS="soon"
    )
    assert code == 2
    assert "database_url" in error
    assert "poll_interval_ms" in error
    code, _, error = await run(stage, "status", "--config", str(tmp_path / "none.toml"))
    assert code == 2
    assert "none.toml" in error


async def test_a_misspelt_key_is_named_by_every_command(stage: VaultScene, tmp_path: Path) -> None:
    file = tmp_path / "assent.toml"
    file.write_text("listen_port = 9000\npoll_intervall_ms = 5\n")
    for command in (("status",), ("keys",), ("worker",), ("migrate",), (*EXPORT, "--out", "x")):
        code, said, error = await run(stage, *command, "--config", str(file))
        assert (code, said) == (2, "")
        assert "poll_intervall_ms is not a setting; perhaps poll_interval_ms is meant." in error
        assert "listen_port" not in error  # the server's, and known


async def test_the_log_is_as_the_settings_say_from_the_file_too(
    stage: VaultScene, tmp_path: Path
) -> None:
    await stage.close()
    for level, told in (("info", True), ("error", False)):
        file = tmp_path / "assent.toml"
        file.write_text(f'log_level = "{level}"\nlog_format = "console"\n')
        code, _, error = await run(stage, "worker", "--embedded", "--config", str(file))
        assert code == 0, error
        assert ("worker-ready" in error) is told
        assert '{"event"' not in error


async def test_wrong_arguments_are_told(
    stage: VaultScene, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in ((), ("export",), ("open",)):
        assert "usage: assent-vault" in mistaken(capsys, *arguments)
    code, _, error = await run(stage, "worker", "--port", "1")
    assert code == 2
    assert "usage: assent-vault" in error


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ASSENT_DATABASE_URL": "postgresql://a:secret@127.0.0.1:1/x"}, "database-unavailable"),
        ({"ASSENT_VAULT_DIR": "/dev/null/vault"}, "vault-unavailable"),
        ({"ASSENT_OBJECTS_URL": "/dev/null/objects"}, "objects-unavailable"),
    ],
)
async def test_what_the_worker_stands_on_is_told_when_it_is_missing(
    stage: VaultScene, changes: dict[str, str], expected: str
) -> None:
    await stage.close()
    code, _, error = await run(stage, "worker", **changes)
    assert code == 1
    assert f"assent-vault: {expected}: " in error
    assert "secret" not in error


async def test_it_lists_what_was_taken_back_after_an_export(stage: VaultScene) -> None:
    meeting = await stage.released(1, **SOUND)
    await stage.cool_off()
    await stage.worker.export_to(stage.exports / "set", None)
    await meeting.says(meeting.people[0], Will.YES, Will.WITHDRAWN)
    await stage.worker.recalls.scan()
    export = json.loads((stage.exports / "set" / "MANIFEST.json").read_bytes())["export"]
    code, said, _ = await run(stage, "recalls")
    assert code == 0
    first, second = said.splitlines()
    assert first.startswith(f"export {export}: 1 recall(s), feed at /recalls/")
    assert second.startswith(f"{export} 1 ")
    assert second.endswith(f" meeting {meeting.id} withdrawn")
    code, said, _ = await run(stage, "recalls", "--since", "1", "--export", export)
    assert (code, said) == (0, f"{first}\n")
    code, said, _ = await run(stage, "recalls", "--export", export, "--feed")
    assert (code, len(said.splitlines())) == (0, 2)
    for arguments, problem in (
        (("--export", "x"), "export-missing"),
        (("--feed",), "which-export"),
    ):
        code, said, error = await run(stage, "recalls", *arguments)
        assert (code, said) == (1, "")
        assert f"assent-vault: {problem}: " in error
