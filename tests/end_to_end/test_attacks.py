"""Strangers at the media port, while people talk: nobody in the call notices anything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from support.hostile import Stranger, client_hellos, empty, flood
from support.perception import perceive
from support.person import Person
from support.scenario import Scenario, all_say, everyone_perceives
from support.server import Server

pytestmark = pytest.mark.browser

ATTACKS: dict[str, Callable[[], Iterable[bytes]]] = {
    "empty datagrams": empty,
    "foreign ClientHellos": client_hellos,
    "a flood of everything": lambda: flood(seed=1),
}


async def throw(port: int, datagrams: Iterable[bytes]) -> int:
    """Send everything, a few at a time; returns how many answers came back."""
    stranger = Stranger(port)
    try:
        for number, datagram in enumerate(datagrams):
            stranger.send(datagram)
            if number % 20 == 19:
                await asyncio.sleep(0.002)
        return stranger.answers
    finally:
        stranger.close()


def memory(pid: int) -> int:
    """Return the resident memory of a process, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("a process has memory")


async def longest_silence(person: Person, seconds: float) -> float:
    """Watch a page's decoders; returns the longest time in ms without a new frame of anyone's."""
    longest: float = await person.page.evaluate(
        """
        async (ms) => {
          const videos = [...document.querySelectorAll("video")].filter(
            (video) => video.videoWidth > 0 && video.closest("[data-self=true]") === null);
          const began = performance.now();
          let longest = 0;
          await Promise.all(videos.map(async (video) => {
            let last = performance.now();
            let frames = video.getVideoPlaybackQuality().totalVideoFrames;
            while (performance.now() - began < ms) {
              await new Promise((resolve) => setTimeout(resolve, 10));
              const now = video.getVideoPlaybackQuality().totalVideoFrames;
              if (now !== frames) { frames = now; last = performance.now(); }
              longest = Math.max(longest, performance.now() - last);
            }
          }));
          return longest;
        }
        """,
        seconds * 1000,
    )
    return longest


@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_call_goes_on_undisturbed(scenario: Scenario, tmp_path: Path, attack: str) -> None:
    server = await scenario.open(Server(tmp_path / "server"))
    people = await scenario.meeting(["Ada"])
    await people[0].arm()
    await all_say(people, "recording")
    calm = await longest_silence(people[0], 3)
    before = memory(server.pid)
    answers, stormy = await asyncio.gather(
        throw(server.media_port, ATTACKS[attack]()), longest_silence(people[0], 3)
    )
    grown = memory(server.pid) - before
    print(f"{attack}: longest gap {calm:.0f} ms before, {stormy:.0f} ms during; +{grown} bytes")
    assert answers == 0, "a stranger is not answered"
    await everyone_perceives(people)
    await all_say(people, "recording")
    assert stormy < 2000, "nobody's picture stood still"
    assert grown < 8 * 1024 * 1024


async def test_a_flood_does_not_keep_anyone_from_joining(
    scenario: Scenario, tmp_path: Path
) -> None:
    server = await scenario.open(Server(tmp_path / "server"))
    people = await scenario.meeting(["Ada"])
    ben = await scenario.person("Ben")
    await ben.arrive(people[0].invitation_link)
    await ben.answer_at_the_door(recording=True)
    # Before they connect, and while they do.
    storm = asyncio.create_task(throw(server.media_port, flood(seed=2, count=40_000)))
    await ben.join()
    await everyone_perceives([*people, ben])
    await storm
    assert (await perceive(ben.page)).tones
