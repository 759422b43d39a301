"""Sources: one list, of which the types are the same."""

from __future__ import annotations

from typing import get_args

from assent.media.sdp.whip_whep import device_sources
from assent.media.sources import (
    BROWSER,
    DEVICE,
    SOURCES,
    VOICES,
    BrowserSource,
    DeviceSource,
    Source,
)


def test_the_types_name_the_sources_that_there_are() -> None:
    assert set(get_args(Source)) == set(SOURCES)
    assert set(get_args(BrowserSource)) == BROWSER
    assert set(get_args(DeviceSource)) == DEVICE


def test_voices_are_sound_and_nobody_shares_them() -> None:
    assert VOICES
    for each in VOICES:
        assert not SOURCES[each].video
        assert not SOURCES[each].screen


def test_a_device_sends_the_sources_of_a_device() -> None:
    offer = "\r\n".join(
        [
            "v=0",
            "o=- 1 1 IN IP4 127.0.0.1",
            "s=-",
            "t=0 0",
            *(
                f"m={kind} 9 UDP/TLS/RTP/SAVPF {number}\r\na=mid:{number}\r\na=sendonly"
                for number, kind in enumerate(("audio", "video"))
            ),
            "",
        ]
    )
    assert set(device_sources(offer).values()) == DEVICE
