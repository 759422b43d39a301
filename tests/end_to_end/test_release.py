"""Everyone grants training, one of them afterwards; then, and not before, it can be exported."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import time
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from support.commands import EXPORT
from support.data_folder import files
from support.media import Heard, Seen, listen, look, stretches
from support.person import Person
from support.recordings import TOLERANCE, Recording
from support.scenario import Scenario, all_say, everyone_perceives
from support.server import Server

pytestmark = pytest.mark.browser

# How long each stretch is recorded. A whole second beforehand, so that nobody's key frame is held
# back because one was sent a moment ago.
STRETCH = 5.0
PACKET = 0.02  # seconds of sound in the last packet
PAGE = 0.15  # what it may take a page on a busy machine to show a state


async def test_a_release_holds_what_was_agreed_to_and_nothing_else(
    scenario: Scenario, server: Server, tmp_path: Path
) -> None:
    await scenario.open(server)
    host, ada = await scenario.meeting(["Ada"], training=True)
    await asyncio.sleep(1)
    await host.begin_watching("magenta")
    await host.arm()
    await all_say([host, ada], "recording")
    await asyncio.sleep(STRETCH)

    # Clara comes in without an answer. In the pause everyone's picture is another.
    clara = await scenario.person("Clara")
    await clara.arrive(host.invitation_link)
    await clara.join()
    people = [host, ada, clara]
    await all_say(people, "paused")
    own = {person.id: person.signs.colour for person in people}
    for person in people:
        person.camera.show({"red": "magenta", "green": "cyan", "blue": "yellow"}[own[person.id]])
    await everyone_perceives(people)
    for person in people:
        person.camera.show(own[person.id])
    await everyone_perceives(people)

    await clara.change(recording="yes")
    await all_say(people, "recording")
    await asyncio.sleep(STRETCH)
    shown = await shown_stretches(host)
    await host.end()
    for person in people:
        await person.has_left()

    # Two have said yes to training, Clara nothing yet: blocked, and nothing to be had.
    await host.sees_blocked(not_answered=1)
    code, said = await server.vault_command(*EXPORT, "--out", str(tmp_path / "early"))
    assert code == 1
    assert "nothing-to-export" in said
    assert not (tmp_path / "early").exists()

    # She grants afterwards, from her personal link, in a browser that has forgotten her.
    await clara.change_afterwards(training="yes")
    await host.sees_release("ready")
    code, said = await server.vault_command(*EXPORT, "--out", str(tmp_path / "first"))
    assert code == 0, said
    await host.sees_release("exported")
    check_export(tmp_path / "first", server, host.meeting, people, shown)

    # What was exported is not exported twice.
    code, said = await server.vault_command(*EXPORT, "--out", str(tmp_path / "second"))
    assert (code, (tmp_path / "second").exists()) == (1, False), said


async def shown_stretches(person: Person) -> list[float]:
    """Return how long each stretch of recording was, as somebody's page showed it.

    The last, which still runs, is as long as it has been until now.
    """
    states = [*await person.states(), (time.time(), "now")]
    return [
        until - since for (since, state), (until, _) in pairwise(states) if state == "recording"
    ]


def check_export(
    folder: Path, server: Server, meeting: str, people: list[Person], shown: list[float]
) -> None:
    """Decode all of it, and hold it to what people looked and sounded like."""
    manifest = json.loads((folder / "MANIFEST.json").read_bytes())
    for file in manifest["files"]:
        data = (folder / file["path"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == file["sha256"], file["path"]
    listed = {file["path"] for file in manifest["files"]} | {"MANIFEST.json", "MANIFEST.jws"}
    assert {p.relative_to(folder).as_posix() for p in files(folder)} == listed
    ((identity,),) = server.query("SELECT public_key FROM vault_identity")
    head, between, signature = (folder / "MANIFEST.jws").read_bytes().split(b".")
    assert between == b"", "a detached JWS (RFC 7515 appendix F)"
    body = base64.urlsafe_b64encode((folder / "MANIFEST.json").read_bytes()).rstrip(b"=")
    Ed25519PublicKey.from_public_bytes(bytes(identity)).verify(
        base64.urlsafe_b64decode(signature + b"=="), head + b"." + body
    )

    (entry,) = manifest["meetings"]
    first, second = Recording(server, meeting).epochs
    pause = (second.header.began - first.header.began) / 1000 - first.seconds
    assert pause > 1, "there was a pause worth the name"

    lengths: dict[int, list[float]] = {1: [], 2: []}
    sounds: dict[str, Heard] = {}
    pictures: dict[str, Seen] = {}
    for track in entry["tracks"]:
        path = folder / track["path"]
        late = len(stretches(path)) == 1  # only in the second stretch
        wanted = [second] if late else [first, second]
        found = stretches(path)
        assert len(found) == len(wanted), track["path"]
        for (start, end), epoch in zip(found, wanted, strict=True):
            # An epoch begins with its keys; capture begins when these are durable. A picture
            # begins with a key frame, and is placed beside its sound, which takes longer.
            begun = (epoch.header.offset - first.header.offset) / 1000
            ended = begun + epoch.seconds
            assert begun - TOLERANCE < start < begun + 1.0, path.name
            assert abs(end - ended) < 5 * TOLERANCE, path.name
            assert end - start < epoch.seconds + TOLERANCE, path.name
            if track["source"] == "microphone":
                lengths[epoch.header.epoch].append(end + PACKET - start)
        whole = (found[-1][1] - found[0][0]) * 1000
        sound = track["source"] == "microphone"
        lasts = track["last"] - track["first"] if sound else track["duration"]
        assert lasts == pytest.approx(whole, abs=TOLERANCE * 1000), path.name
        if sound:
            assert (track["offset"], track["duration"]) == (0, entry["duration"]), path.name
            sounds[track["speaker"]] = listen(path)
        else:
            pictures[track["speaker"]] = look(path)

    # As long as the pages said so, and equally long for everyone.
    print("shown", shown, "stored", lengths)
    assert (len(lengths[1]), len(lengths[2])) == (2, 3)
    for stored in lengths.values():
        assert max(stored) - min(stored) < TOLERANCE
    assert min(lengths[1]) == pytest.approx(shown[0], abs=TOLERANCE + PAGE)
    assert min(lengths[2]) > shown[1] - TOLERANCE - PAGE

    # Each speaker's files hold one person: their tone, their colour, and no other's.
    assert len(sounds) == len(pictures) == len(people)
    assert {(heard.tones, pictures[speaker].colours) for speaker, heard in sounds.items()} == {
        (frozenset({p.signs.tone}), frozenset({p.signs.colour})) for p in people
    }
    for speaker, seen in pictures.items():
        assert seen.frames > 0.8 * 15 * STRETCH, speaker
