"""No file under the data folder ever holds plaintext media, or a secret of a participant."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from assent_vault.formats import suite
from support.commands import EXPORT
from support.data_folder import CONTAINER_MARKS, files, pieces, search, spellings
from support.media import packets
from support.person import Person
from support.recordings import Recording
from support.scenario import Scenario, all_say
from support.server import Server

pytestmark = pytest.mark.browser


async def record(scenario: Scenario, folder: Path) -> list[Person]:
    """Record a meeting, and copy the data folder several times while it runs."""
    people = await scenario.meeting(["Ada"], training=True)
    host = people[0]
    await host.arm()
    await all_say(people, "recording")
    recording = Recording(scenario.server, host.meeting)
    for number in range(4):
        await recording.grows(generations=1, segments=6 + 6 * number)
        await asyncio.to_thread(copy, scenario.server.data, folder / f"running-{number}")
    await host.end()
    for person in people:
        await person.has_left()
    return people


def copy(data: Path, to: Path) -> None:
    """Copy a folder that is being written in: what vanishes meanwhile was there long enough."""
    for path in files(data):
        target = to / path.relative_to(data)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(path, target)
        except FileNotFoundError:
            continue


async def test_what_is_stored_holds_no_media_and_no_seed(
    scenario: Scenario, tmp_path: Path
) -> None:
    server = await scenario.open(Server(tmp_path / "server"))
    people = await record(scenario, tmp_path / "copies")
    host = people[0]
    await host.sees_release("ready")
    await asyncio.to_thread(copy, server.data, tmp_path / "copies" / "released")

    # What was said and shown is known exactly, from the export: packets as the browsers sent them.
    code, said = await server.vault_command(*EXPORT, "--out", str(tmp_path / "export"))
    assert code == 0, said
    exported = [*files(tmp_path / "export", ".webm"), *files(tmp_path / "export", ".opus")]
    assert len(exported) == 2 * len(people)
    media = [data for path in exported for _, data in packets(path)]
    needles = list(pieces(media))
    assert len(needles) > 200, "enough to look for"

    secrets = [
        secret
        for person in people
        for secret in (
            person.seed,
            suite.derive_sign(person.seed, meeting_bytes(person)).private_bytes_raw(),
            suite.derive_watch(person.seed, meeting_bytes(person)),
            suite.derive_train(person.seed, meeting_bytes(person)),
        )
    ]
    needles += [spelling for secret in secrets for spelling in spellings(secret)]
    needles += CONTAINER_MARKS
    await asyncio.to_thread(copy, server.data, tmp_path / "copies" / "exported")
    await server.stop()
    await asyncio.to_thread(copy, server.data, tmp_path / "copies" / "stopped")

    assert any(path.suffix == ".segment" for path in files(tmp_path / "copies" / "running-0"))
    assert any(
        path.name.startswith("assent.db") for path in files(tmp_path / "copies" / "running-0")
    )
    assert not await asyncio.to_thread(search, tmp_path / "copies", needles)
    text = server.log.read_bytes()
    assert not [needle for needle in needles if needle in text], "nor does the log"


async def test_without_sealing_the_search_finds_it(scenario: Scenario, tmp_path: Path) -> None:
    """The same search, on a server whose sealing is switched off: it can fail."""
    await scenario.open(Server(tmp_path / "server", launcher="unsealed"))
    await record(scenario, tmp_path / "copies")
    found = await asyncio.to_thread(search, tmp_path / "copies" / "running-1", CONTAINER_MARKS)
    assert {find.path.suffix for find in found} == {".segment"}
    assert {b"A_OPUS", b"V_VP8", b"OpusHead"} <= {find.needle for find in found}


def meeting_bytes(person: Person) -> bytes:
    """Return the id of the person's meeting."""
    return suite.decode(person.meeting, suite.MEETING_BYTES)
