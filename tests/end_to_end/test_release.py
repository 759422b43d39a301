"""Everyone grants training, one of them afterwards; then, and not before, it can be exported."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from assent.recording.timeline import EARLY
from support import sending
from support.commands import EXPORT
from support.data_folder import files
from support.media import end_of, listen, look, packets
from support.person import Person
from support.recordings import TOLERANCE, Recording, StoredGeneration
from support.scenario import Scenario, all_say, everyone_perceives
from support.server import Server

pytestmark = pytest.mark.browser

# How long each stretch is recorded. A whole second beforehand, so that nobody's key frame is held
# back because one was sent a moment ago.
STRETCH = 5.0
PACKET = 20  # milliseconds of sound in one
ROUNDED = 2  # milliseconds, which are what a WebM file counts in
PAGE = 0.15  # what it may take a page on a busy machine to show a state
ON_ITS_WAY = 10  # packets that a page has sent when it is asked, and that nobody has yet
KEY_FRAME = 15 + ON_ITS_WAY  # a second of pictures until one comes that is whole


async def test_a_release_holds_what_was_agreed_to_and_nothing_else(
    scenario: Scenario, server: Server, tmp_path: Path
) -> None:
    await scenario.open(server)
    host, ada = await scenario.meeting(["Ada"], training=True)
    await asyncio.sleep(1)
    await host.begin_watching("magenta")
    await host.arm()
    await all_say([host, ada], "recording")
    sent = await sent_in_stretch([host, ada])

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
    for who, counts in (await sent_in_stretch(people)).items():
        sent.setdefault(who, []).extend(counts)
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
    check_export(tmp_path / "first", server, host.meeting, people, shown, sent)

    # What was exported is not exported twice.
    code, said = await server.vault_command(*EXPORT, "--out", str(tmp_path / "second"))
    assert (code, (tmp_path / "second").exists()) == (1, False), said


async def sent_in_stretch(people: list[Person]) -> dict[str, list[dict[str, int]]]:
    """Return how much the page of each person, by id, sends in one stretch."""
    before = [await sending.sent(person.page) for person in people]
    await asyncio.sleep(STRETCH)
    after = [await sending.sent(person.page) for person in people]
    return {
        person.id: [{source: now[source] - then[source] for source in now}]
        for person, then, now in zip(people, before, after, strict=True)
    }


async def shown_stretches(person: Person) -> list[float]:
    """Return how long each stretch of recording was, as somebody's page showed it.

    The last, which still runs, is as long as it has been until now.
    """
    states = [*await person.states(), (time.time(), "now")]
    return [
        until - since for (since, state), (until, _) in pairwise(states) if state == "recording"
    ]


def check_export(
    folder: Path,
    server: Server,
    meeting: str,
    people: list[Person],
    shown: list[float],
    sent: dict[str, list[dict[str, int]]],
) -> None:
    """Decode all of it, and hold it to what people looked and sounded like.

    ``sent`` is how much each person's page has sent in each stretch that they were in, by the
    browser's own count: on a busy machine that is less than a camera could give.
    """
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
    generations = Recording(server, meeting).generations
    spans = spans_of(generations)
    assert spans[1][0] - spans[0][1] > 1, "there was a pause worth the name"
    print("shown", shown, "stored", spans, "sent", sent)
    for each, seconds in zip(generations, shown, strict=True):
        assert each.seconds > seconds - TOLERANCE - PAGE
    assert generations[0].seconds == pytest.approx(shown[0], abs=TOLERANCE + PAGE), "it has ended"

    # Each speaker's files hold one person: their tone, their colour, and no other's.
    by_sign: dict[int | str | None, str] = {
        sign: p.id for p in people for sign in (p.signs.tone, p.signs.colour)
    }
    whose: dict[str, set[str]] = defaultdict(set)
    for track in entry["tracks"]:
        path = folder / track["path"]
        sound = track["source"] == "microphone"
        (sign,) = listen(path).tones if sound else look(path).colours
        person = by_sign[sign]
        whose[track["speaker"]].add(person)

        # Nothing of it is outside of what was agreed to; what the page sent within is there.
        kept = [time for time, _ in packets(path)]
        counts = [within(kept, span) for span in spans]
        # A clock that was guessed on a busy machine is ahead by so much at most.
        early = [(since, until + EARLY / 1000) for since, until in spans]
        outside = [time for time in kept if not any(within([time], span) for span in early)]
        assert not outside, (path.name, spans)
        silence = track["packets"] - len(kept) if sound else 0  # sent, but as an export lays it
        assert silence >= 0, path.name
        assert sum(counts[: len(spans) - len(sent[person])]) == 0, path.name
        slack = ON_ITS_WAY if sound else KEY_FRAME
        least = sum(mark[track["source"]] - slack for mark in sent[person])
        assert len(kept) + silence >= least, (path.name, counts, silence, sent[person])
        assert all(counts[len(spans) - len(sent[person]) :]) or silence, path.name

        # It says of itself from when to when it goes, and where nothing is.
        if sound:
            assert (track["offset"], track["duration"]) == (0, entry["duration"]), path.name
            assert track["first"] / 1000 <= kept[0] + TOLERANCE, path.name
            assert track["last"] / 1000 >= kept[-1] - TOLERANCE, path.name
            laid = track["filled"]["before"] + track["filled"]["after"]
            lasts = track["last"] - track["first"]
            assert lasts == pytest.approx(track["duration"] - laid, abs=2 * PACKET), path.name
        else:
            # To the end of the last picture, which a starved camera leaves standing for long.
            end = end_of(path)
            lasts = (end - kept[0]) * 1000
            assert track["duration"] == pytest.approx(lasts, abs=ROUNDED), path.name
            assert any(within([end], span) for span in early), (path.name, end, spans)
    assert sorted(whose.values(), key=sorted) == sorted(({p.id} for p in people), key=sorted)
    assert len(entry["tracks"]) == 2 * len(people)


def spans_of(generations: list[StoredGeneration]) -> list[tuple[float, float]]:
    """Return from when to when each generation goes, in seconds on the clock of an exported file.

    That is 0 where the first generation's first segment begins. Nothing of one is before its
    header was drawn up, which may be a while before it begins.
    """
    first = generations[0].closing
    assert first is not None
    zero = min(segment.start for segment in first.segments)
    began = generations[0].began / 1000
    return [
        (
            (each.offset - zero) / 1000,
            each.began / 1000 + each.seconds - began,
        )
        for each in generations
    ]


def within(times: list[float], span: tuple[float, float]) -> int:
    """Count the times that are in a span."""
    return sum(span[0] - TOLERANCE < time < span[1] + TOLERANCE for time in times)
