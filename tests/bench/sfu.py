"""``make bench-sfu``: this SFU and Janus under the same load, in turn, several times over.

Prints progress, and last one line of JSON. Results go to ``tests/bench/results/``, with what
machine they are from. What is measured and how: tests/bench/README.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench import chart, figures
from bench.load import Missing, build
from bench.machine import before_others, describe
from bench.scene import Figures, Scene, Size
from bench.sfus import Assent, Janus, Sfu
from bench.streams import Loop, sound_frames, sound_loop, video_frames, video_loop

SIZES = {
    size.name: size for size in (Size("4x25", 4, 25), Size("10x10", 10, 0), Size("1x200", 1, 200))
}
BITRATE, WIDTH, HEIGHT, FPS = 1_300_000, 1280, 720, 30
LOOP = 4.0  # seconds until the streams begin anew
WARM_UP = 3.0
RESULTS = Path(__file__).with_name("results")
PACKAGES = Path(__file__).parents[2] / ".ci" / "bench-packages"


def streams() -> tuple[Loop, Loop]:
    """Return what everybody shows and says."""
    video = video_loop(video_frames(BITRATE, LOOP, WIDTH, HEIGHT, FPS), FPS, "1")
    return video, sound_loop(sound_frames(LOOP), "0")


async def one(
    make: Callable[[], Sfu],
    size: Size,
    loops: tuple[Loop, Loop],
    cores: set[int],
    seconds: float,
    warm_up: float,
) -> tuple[Figures, str]:
    """Start an SFU, fill it, measure, and stop it; returns the figures and its version."""
    sfu = make()
    try:
        await sfu.start(cores)
        scene = Scene(sfu, size, *loops)
        try:
            await scene.enter()
            return await scene.measure(seconds, warm_up), sfu.version
        finally:
            await scene.leave()
    finally:
        await sfu.stop()


def middle(rounds: Sequence[Figures]) -> dict[str, float | int | str]:
    """Return the round whose cost is the median; of two in the middle the dearer one."""
    ordered = sorted(rounds, key=lambda figures: figures.cpu_us_per_packet)
    return ordered[len(ordered) // 2].rounded()


async def compare(
    sizes: Sequence[Size], how: figures.How, rounds: int, with_janus: bool
) -> dict[str, Any]:
    """Measure every size on both, taking turns."""
    kinds: dict[str, Callable[[], Sfu]] = {"assent": Assent}
    if with_janus:
        kinds |= {"janus": Janus, "janus_one_loop": lambda: Janus(event_loops=1)}
    result: dict[str, Any] = {kind: {} for kind in kinds}
    ratios: dict[str, dict[str, float]] = {"cpu_ratio": {}, "cpu_ratio_to_one_loop": {}}
    versions: dict[str, str] = {}
    for size in sizes:
        name = size.name
        measured: dict[str, list[Figures]] = {kind: [] for kind in kinds}
        for number in range(rounds):
            for kind, make in kinds.items():
                found, versions[kind] = await one(
                    make, size, how.loops, how.cores, how.seconds, how.warm_up
                )
                measured[kind].append(found)
                print(
                    f"{name} round {number + 1}: {kind:14} "
                    f"{found.packets_per_second:7.0f} packets/s "
                    f"{found.mbit_per_second:6.1f} Mbit/s "
                    f"{found.cpu_us_per_packet:6.2f} µs/packet  "
                    f"delay {found.delay_ms_p50:.2f}/{found.delay_ms_p99:.2f} ms  "
                    f"loss {100 * found.loss:.2f} %  ({found.profile})",
                    flush=True,
                )
        for kind, several in measured.items():
            result[kind][name] = middle(several)
        ours = median(found.cpu_us_per_packet for found in measured["assent"])
        for key, other in (("cpu_ratio", "janus"), ("cpu_ratio_to_one_loop", "janus_one_loop")):
            if other in measured:
                theirs = median(found.cpu_us_per_packet for found in measured[other])
                ratios[key][name] = round(ours / theirs, 3)
    return {**result, **ratios, "janus_version": versions.get("janus")}


def urgent() -> tuple[set[int], bool]:
    """Take a core for the load and one for the SFU, before other programs if that is allowed.

    Returns the SFU's core, and whether it was.
    """
    first, *others = sorted(os.sched_getaffinity(0))
    if others:
        os.sched_setaffinity(0, {others[0]})
    try:
        before_others(os.getpid())
    except OSError:
        return {first}, False
    return {first}, True


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="make bench-sfu BENCH='…'", description=__doc__)
    parser.add_argument("--sizes", default=",".join(SIZES), help="which of them, with commas")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3, help="of both SFUs, in turn")
    parser.add_argument("--no-janus", action="store_true", help="this SFU alone")
    parser.add_argument(
        "--figures", default="", metavar="LIST", help=f"also: {', '.join(figures.ALL)}, or all"
    )
    parser.add_argument("--minutes", type=float, default=1.0, help="of the figure half-load")
    parser.add_argument("--no-results", action="store_true", help="leave the results' files alone")
    arguments = parser.parse_args()
    sizes = [name for name in arguments.sizes.split(",") if name]
    wanted = list(figures.ALL) if arguments.figures == "all" else arguments.figures.split(",")
    wanted = [name for name in wanted if name]
    if unknown := [*(set(sizes) - SIZES.keys()), *(set(wanted) - figures.ALL.keys())]:
        parser.error(f"there is no {', '.join(unknown)}")
    if installed := subprocess.run(["bash", str(PACKAGES)], check=False).returncode:
        return installed
    try:
        build()
        cores, alone = urgent()
        result: dict[str, Any] = {"machine": {**describe(), "priority": alone}}
        how = figures.How(streams(), cores, arguments.seconds, WARM_UP, arguments.minutes)
        if sizes:
            chosen = [SIZES[name] for name in sizes]
            result |= asyncio.run(compare(chosen, how, arguments.rounds, not arguments.no_janus))
        if wanted:
            result["figures"] = asyncio.run(figures.measure(wanted, how))
    except Missing as error:
        print(f"bench-sfu: {error}", file=sys.stderr)
        return 1
    if not arguments.no_results:
        RESULTS.mkdir(exist_ok=True)
        file = RESULTS / f"sfu-{result['machine']['date']}.json"
        # Sizes and figures that were not measured now stay as they were measured that day.
        before = json.loads(file.read_text()) if file.exists() else {}
        for key, old in before.items():
            if isinstance(old, dict) and key != "machine":
                result[key] = {**old, **result.get(key, {})}
            else:
                result.setdefault(key, old)
        file.write_text(json.dumps(result, indent=2) + "\n")
        if "janus" in result:
            (RESULTS / "sfu.svg").write_text(chart.draw(result))
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
