"""The benchmark works: what is sent arrives, through real DTLS and SRTP, in both SFUs."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from bench import chart, crowd, figures
from bench.load import Missing, build
from bench.machine import describe
from bench.scene import Size
from bench.sfu import compare
from bench.streams import Loop, sound_frames, sound_loop, split, video_frames, video_loop

SMALL = Size("4x25", 2, 3)


@pytest.fixture(scope="module")
def loops() -> tuple[Loop, Loop]:
    try:
        build()
    except Missing as error:
        pytest.skip(str(error))
    video = video_loop(video_frames(200_000, 0.5, 320, 240, 10), 10, "1")
    return video, sound_loop(sound_frames(0.5), "0")


@pytest.fixture
def how(loops: tuple[Loop, Loop]) -> figures.How:
    return figures.How(loops, {0}, seconds=0.6, warm_up=0.4, minutes=0.01)


@pytest.mark.parametrize("janus", [False, True])
async def test_both_sfus_forward_everything(how: figures.How, janus: bool) -> None:
    if janus and shutil.which("janus") is None:
        pytest.skip("Janus is not installed; make bench-sfu does that")
    # Time is counted in hundredths of a second: of some of them at least.
    how = replace(how, seconds=3.0 if janus else how.seconds)
    result = await compare([SMALL], how, rounds=1, with_janus=janus)
    for kind in ("assent", "janus", "janus_one_loop") if janus else ("assent",):
        found = result[kind][SMALL.name]
        assert found["packets_per_second"] > 0
        assert found["forged"] == 0
        assert found["loss"] < 0.5  # of a busy machine nothing better is asked
        assert found["delay_ms_p50"] > 0
    if janus:
        assert set(result["cpu_ratio"]) == {SMALL.name}
        result["machine"] = describe()
        drawn = ET.fromstring(chart.draw(json.loads(json.dumps(result))))
        assert "% of Janus" in "".join(drawn.itertext())


async def test_the_other_figures_are_measured(
    how: figures.How, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "PEOPLE", (3,))
    monkeypatch.setattr(crowd, "streams", lambda made=crowd.streams: made(fps=10, seconds=0.5))
    monkeypatch.setattr(crowd, "GLANCE", 1.0)
    monkeypatch.setattr(figures, "ROOMS", 1)
    monkeypatch.setattr(figures, "ROOM", 2)
    monkeypatch.setattr(figures, "MOST", 3)
    monkeypatch.setattr(figures, "FEW", 2)
    monkeypatch.setattr(figures, "TURNS", 1)
    result = await figures.measure(list(figures.ALL), how)
    assert result["half-load"]["longest_stall_ms"] > 0
    assert result["memory"]["kbytes_each"] > 0
    assert result["recording"]["stored_mbytes"] > 0
    (room,) = result["people"]["rooms"]
    assert room["pictures_least"] == 2, "everybody shows both of the others"
    assert room["voices_least"] == 2
    assert room["layers"] == {"1": 6}, "in the layer that fits a ninth of the page"
    assert room["estimate_kbit_least"] > 0, "what arrives is told, and believed"
    assert room["forged"] == 0


def test_a_frame_is_cut_about_equally() -> None:
    frame = bytes(range(256)) * 20
    parts = split(frame)
    assert b"".join(parts) == frame
    assert {len(part) for part in parts} == {1024}
    assert [len(part) for part in split(frame[:-1])] == [1023, 1024, 1024, 1024, 1024]
    assert split(b"x") == [b"x"]
