"""Measures what a link opens: how soon an hour's meeting is proven, plays and seeks; the memory.

``make bench-watching`` makes a meeting of an hour with six people (or as ``BENCH`` says), opens one
person's link in Chromium on this machine, until all of the proof was seen to hold; and watches:
from the click to everybody's first picture and sound, from each of many jumps to the same (some
while another is still under way), then for a while at double speed. At last the receipt is saved,
and checked as a file on ``/verify``. The last line is JSON: milliseconds, and MB of the process
that plays.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any, Final

from support.fresh import Fresh, fresh, says
from support.long_meeting import make
from support.server import Server
from support.waiting import eventually

SEEKS: Final = 60
DOUBLE: Final = 10  # so many of them begin while another has not ended
PLAYED: Final = 60.0  # seconds, at double speed

# From a click or a jump until everybody is seen and heard at the new place, asked as often as the
# page can draw. What counts is what decoders gave out: new frames, and sound that moves on.
_UNTIL_ALL = """
(people, seek) => new Promise((resolve) => {
  const began = performance.now();
  const frames = (one) => one.getVideoPlaybackQuality().totalVideoFrames;
  const before = new Map();
  const all = () => [...document.querySelectorAll(".player video, .player audio")];
  for (const one of all()) {
    before.set(one, one instanceof HTMLVideoElement ? frames(one) : null);
  }
  if (seek === null) {
    document.querySelector(".watch-card .primary").click();
  } else {
    const slider = document.querySelector(".watch-seek");
    slider.value = String(seek);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    slider.dispatchEvent(new Event("change", { bubbles: true }));
  }
  const started = new Map();
  const look = () => {
    const player = document.querySelector(".player");
    const waiting = player?.dataset.waiting !== "false";
    const ready = all().filter((one) => {
      if (one.readyState < 2 || one.seeking || one.paused || waiting) return false;
      if (Math.abs(one.currentTime - Number(player.dataset.position) / 1000) > 1) return false;
      if (one instanceof HTMLVideoElement) return frames(one) > (before.get(one) ?? 0);
      if (!started.has(one)) started.set(one, one.currentTime);
      return one.currentTime > started.get(one);
    });
    if (ready.length >= 2 * people) resolve(performance.now() - began);
    else if (performance.now() - began > 60000) resolve(null);
    else requestAnimationFrame(look);
  };
  look();
})
"""
# Since the page was asked for, or since a file was chosen, until it says that everything holds.
_PROVEN = """
() => new Promise((resolve) => {
  const chosen = globalThis.assentBenchChosen;
  const look = () => {
    const said = document.querySelector("[data-verdict]")?.dataset.verdict ?? "checking";
    const since = chosen === undefined ? 0 : chosen.at;
    if (said === "fails") resolve(null);
    else if (said === "holds" && since !== null) resolve(performance.now() - since);
    else if (performance.now() > 120000) resolve(null);
    else requestAnimationFrame(look);
  };
  look();
})
"""
_NOTE_CHOOSING = """
() => {
  const chosen = { at: null };
  globalThis.assentBenchChosen = chosen;
  document.addEventListener("change", () => (chosen.at = performance.now()), { capture: true });
}
"""
_JUMP = """
(seek) => {
  const slider = document.querySelector(".watch-seek");
  slider.value = String(seek);
  slider.dispatchEvent(new Event("change", { bubbles: true }));
}
"""
_BUFFERED = """
() => [...document.querySelectorAll(".player video, .player audio")].map((one) => {
  let seconds = 0;
  for (let i = 0; i < one.buffered.length; i += 1) {
    seconds += one.buffered.end(i) - one.buffered.start(i);
  }
  return seconds;
})
"""
_SPREAD = """
() => {
  const times = [...document.querySelectorAll(".player video, .player audio")]
    .filter((one) => !one.paused && !one.seeking)
    .map((one) => one.currentTime);
  return Math.max(...times) - Math.min(...times);
}
"""


async def measure(minutes: float, people: int, folder: Path) -> dict[str, Any]:
    """Make the meeting where it is not there yet, watch it, and return the figures."""
    made = folder / "made.json"
    server = Server(folder / "server")
    if not made.exists():
        began = monotonic()
        attendees = await make(server, minutes=minutes, people=people)
        made.write_text(json.dumps([minutes, people, attendees[-1].link]))
        print(f"made {minutes:g} minutes of {people} people in {monotonic() - began:.0f} s")
    minutes, people, link = json.loads(made.read_text())
    objects = (path for path in (server.data / "objects").rglob("*") if path.is_file())
    stored = sum(path.stat().st_size for path in objects)
    await server.start()
    try:
        async with fresh("chromium") as page:
            # The server has another port each time.
            found = await _watch(page, server.url + link[link.index("/r/") :], minutes, people)
            found |= await _verify(page, server.url, folder)
    finally:
        await server.close()
    return {"minutes": minutes, "people": people, "stored_mb": round(stored / 1e6), **found}


async def _watch(page: Fresh, link: str, minutes: float, people: int) -> dict[str, Any]:
    began = monotonic()
    await page.goto(link)
    await says(page, "Checked just now in your browser")

    async def can_watch() -> bool:
        return bool(await page.evaluate("() => !!document.querySelector('.watch-card .primary')"))

    await eventually(can_watch, "the recording can be watched")
    opened = (monotonic() - began) * 1000
    proven = await page.evaluate(_PROVEN)
    assert proven is not None, "the receipt does not hold"
    idle = renderer_mb()
    start = await page.evaluate(_UNTIL_ALL, people, None)
    await asyncio.sleep(5)
    playing = renderer_mb()
    dice = random.Random(7)
    seeks = []
    peak = playing
    for number in range(SEEKS):
        if number < DOUBLE:
            await page.evaluate(_JUMP, dice.uniform(0, minutes * 60 - 40))
            await asyncio.sleep(dice.uniform(0, 0.3))
        at = dice.uniform(0, minutes * 60 - 40)
        seeks.append(await page.evaluate(_UNTIL_ALL, people, at))
        peak = max(peak, renderer_mb())
        await asyncio.sleep(0.5)
    assert None not in [start, *seeks], "it never played"
    jumped = renderer_mb()
    for _ in range(4):
        await page.key(">")
    buffered = spread = 0.0
    end = monotonic() + PLAYED
    while monotonic() < end:
        await asyncio.sleep(1)
        buffered = max(buffered, *await page.evaluate(_BUFFERED))
        spread = max(spread, await page.evaluate(_SPREAD))
        peak = max(peak, renderer_mb())
    return {
        "open_page_ms": round(opened),
        "live_proof_ms": round(proven),
        "start_ms": round(start),
        "seek_ms": {
            "p50": round(median(seeks)),
            "max": round(max(seeks)),
            "count": SEEKS,
            "over_1_s": sum(each > 1000 for each in seeks),
            "after_another_max": round(max(seeks[:DOUBLE])),
        },
        "memory_mb": {
            "page": idle,
            "playing": playing,
            "after_seeks": jumped,
            "after_double_speed": renderer_mb(),
            "peak": peak,
        },
        "buffered_s_max": round(buffered, 1),
        "spread_ms_max": round(spread * 1000),
    }


async def _verify(page: Fresh, url: str, folder: Path) -> dict[str, Any]:
    """Save the receipt from the page of the link, and have it checked as a file."""
    kept = await page.save("Download receipt", folder)
    await page.goto(f"{url}/verify")
    await says(page, "Check a receipt")
    await page.evaluate(_NOTE_CHOOSING)
    await page.choose("input[type=file]", kept)
    took = await page.evaluate(_PROVEN)
    assert took is not None, "the receipt does not hold"
    return {"verify_ms": round(took), "receipt_kb": round(kept.stat().st_size / 1000)}


def renderer_mb() -> int:
    """Return what the largest renderer of a browser of ours has in memory of its own, in MB."""
    most = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            if b"--type=renderer" not in (folder / "cmdline").read_bytes():
                continue
            rollup = (folder / "smaps_rollup").read_text()
        except OSError:
            continue
        pss = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
        most = max(most, int(pss.split()[1]) // 1000)
    return most


def main(arguments: Sequence[str]) -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(prog="make bench-watching")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--people", type=int, default=6, choices=range(1, 7))
    parser.add_argument("--keep", type=Path, help="keep the meeting in this folder, and use it")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="assent-watching-") as folder:
        kept: Path = chosen.keep or Path(folder)
        found = asyncio.run(measure(chosen.minutes, chosen.people, kept))
    print(json.dumps({"watching": found}))


if __name__ == "__main__":
    main(sys.argv[1:])
