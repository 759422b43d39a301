"""Three meetings, of which one was released: that one comes out, and nothing of the others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import pytest

from assent_vault.export import card
from support.clicks import clicks_in, hear_clicks
from support.commands import EXPORT
from support.ffmpeg import decoded_seconds, told_seconds
from support.loaders import load
from support.media import listen
from support.person import Person
from support.recordings import Recording
from support.scenario import Scenario, all_say
from support.server import Server

pytestmark = pytest.mark.browser

SEGMENTS = 24  # of two people's sound and pictures: about six seconds
# What is shown of the lines of the card: counts, and lengths of decoded sound.
THEN = {
    "datasets": """
assert tracks.num_rows == 4, tracks.num_rows
assert len({row["speaker"] for row in tracks}) == 2
""",
    "lhotse": """
import json
(meeting,) = json.load(open(f"{DIR}/MANIFEST.json"))["meetings"]
(cut,) = cuts
assert sound.shape[0] == 2 and sound[0].any() and sound[1].any(), sound.shape
assert abs(sound.shape[1] / 48000 - meeting["duration"] / 1000) <= 0.02, sound.shape
spoken = {one.speaker for one in cut.supervisions}
assert spoken == {track["speaker"] for track in meeting["tracks"]}, spoken
""",
    "soundfile": """
manifest = json.load(open(f"{DIR}/MANIFEST.json"))
assert abs(len(sound) / rate - manifest["meetings"][0]["duration"] / 1000) <= 0.02, sound.shape
""",
    "torchcodec": """
(meeting,) = json.load(open(f"{DIR}/MANIFEST.json"))["meetings"]
found = sound.get_all_samples()
assert found.sample_rate == 48000
assert abs(found.data.shape[1] / 48000 - meeting["duration"] / 1000) <= 0.02, found.data.shape
""",
    "mlcroissant": """
assert not described.metadata.ctx.issues.errors, described.metadata.ctx.issues.report()
assert len(list(described.records("tracks"))) == 4
""",
}
LENGTH = 0.02  # seconds that decoded sound may be longer or shorter than its timeline
TOGETHER = 0.01  # seconds between one click in two people's tracks


@pytest.mark.parametrize("by", ["console", "command"])
async def test_the_one_that_was_released_comes_out(
    scenario: Scenario, server: Server, tmp_path: Path, loaders: Path, by: str
) -> None:
    await scenario.open(server)
    host = await scenario.host()
    ada = await scenario.person("Ada")
    for person in (host, ada):
        await hear_clicks(person.context)

    released = await meet(server, host, ada, training=True)
    await host.sees_release("ready")

    await meet(server, host, ada, training=False)
    await host.sees_blocked(refused=1)

    withdrawn = await meet(server, host, ada, training=True)
    await host.sees_release("ready")
    await ada.change_afterwards(training="withdrawn")
    await host.sees_release("dropped")
    assert withdrawn != released

    if by == "console":
        place = await host.export_from_console()
    else:
        place = tmp_path / "set"
        code, said = await server.vault_command(*EXPORT, "--out", str(place))
        assert code == 0, said
    manifest = json.loads((place / "MANIFEST.json").read_bytes())
    (meeting,) = manifest["meetings"]
    assert meeting["meeting"] == released
    assert len(meeting["tracks"]) == 4
    sounds = [track for track in meeting["tracks"] if track["source"] == "microphone"]
    for track in sounds:
        path = place / track["path"]
        for seconds in (decoded(path), decoded_seconds(path), told_seconds(path)):
            assert seconds == pytest.approx(meeting["duration"] / 1000, abs=LENGTH), track
    for track in meeting["tracks"]:
        if track["codec"] == "vp8":
            ends = (track["offset"] + track["duration"]) / 1000
            assert told_seconds(place / track["path"]) == pytest.approx(ends, abs=LENGTH), track
    check_together([place / track["path"] for track in sounds])
    check_turns(place, meeting)
    (tmp_path / "loaded").mkdir()
    for library, lines in card.LOADING.items():
        load(loaders, place, lines, THEN[library], tmp_path / "loaded")


async def meet(server: Server, host: Person, guest: Person, *, training: bool) -> str:
    """Record a short meeting in which the guest says this of training; returns its name."""
    link = await host.create_meeting("Weekly")
    await host.enter_as_host()
    await guest.arrive(link)
    for person, says in ((host, True), (guest, training)):
        await person.answer_at_the_door(recording=True, training=says)
        await person.join()
    await host.arm()
    await all_say([host, guest], "recording")
    await Recording(server, host.meeting).grows(generations=1, segments=SEGMENTS)
    await host.end()
    for person in (host, guest):
        await person.has_left()
    return host.meeting


def decoded(path: Path) -> float:
    """Return how long decoded sound is, by its samples."""
    with av.open(str(path)) as container:
        return sum(frame.samples for frame in container.decode(container.streams.audio[0])) / 48000


def check_together(sounds: list[Path]) -> None:
    """Hold the clicks in two people's tracks to each other: they picked up the same ones."""
    one, other = (clicks_in(path) for path in sounds)
    pairs = [(a, b) for a in one for b in other if abs(a - b) < 0.3]
    print("apart", [round(1000 * (a - b), 2) for a, b in pairs], "ms")
    assert len(pairs) >= 4, (one, other)
    assert max(abs(a - b) for a, b in pairs) < TOGETHER


def check_turns(place: Path, meeting: dict[str, Any]) -> None:
    """Hold what the data set says of who spoke to each other, whichever format says it."""
    name = meeting["meeting"]
    turns = {
        (fields[7], round(float(fields[3]), 3), round(float(fields[3]) + float(fields[4]), 3))
        for line in (place / "rttm" / f"{name}.rttm").read_text().splitlines()
        for fields in [line.split()]
    }
    seglst = json.loads((place / "seglst" / f"{name}.seglst.json").read_text())
    assert turns == {
        (one["speaker"], round(float(one["start_time"]), 3), round(float(one["end_time"]), 3))
        for one in seglst
    }
    tones = [
        listen(place / track["path"]).tones - {None}
        for track in meeting["tracks"]
        if track["source"] == "microphone"
    ]
    assert len(set().union(*tones)) == 2, tones
