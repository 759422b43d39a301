"""What is rewritten in a packet for one subscriber, and what is never used twice."""

from __future__ import annotations

import struct
from collections import Counter
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.media.forward.down_track import DownTrack
from assent.media.forward.forwarding import LayerForwarder
from assent.media.rate_window import RateWindow
from assent.media.rtp import rtp
from assent.media.sdp.subscription import Accepted
from assent.media.track import TrackInfo
from assent.media.transport.connection import Connection
from assent.media.transport.udp import Udp
from support.rtc_raw import unpadded

KEY_FRAME = b"\x10\x00key"


class Recorder:
    """Keys that give away what they were asked to protect."""

    def __init__(self) -> None:
        self.protected: list[tuple[int, int, bytes, bytes]] = []

    def protector(self, ssrc: int) -> Any:
        def protect(header: bytes, payload: bytes, index: int) -> bytes:
            assert header[8:12] == ssrc.to_bytes(4, "big")
            assert int.from_bytes(header[2:4], "big") == index & 0xFFFF
            self.protected.append((ssrc, index, header, payload))
            return header + payload

        return protect


def down_track(
    accepted: Accepted, *, video: bool = True, start: int = 0x7FFF, **number: Any
) -> tuple[DownTrack, Recorder]:
    connection = SimpleNamespace(queue=[], address=(), send_rtcp=lambda packet: None)
    out = DownTrack(
        cast("Connection", connection), RateWindow(10_000, 10**9), "3", 7, 8, start | start << 15
    )
    out.accept(accepted, *((96, 97) if video else (111, 0)), **number)
    recorder = Recorder()
    out.use(cast("Any", recorder))
    return out, recorder


def forwarder(source: str = "camera") -> LayerForwarder:
    udp = cast(
        "Udp",
        SimpleNamespace(
            counters=Counter(), outgoing=[], waiting=0, forwarded=0, forwarded_octets=0
        ),
    )
    room = cast("Any", SimpleNamespace(tapped=None, tapping=0))
    made = LayerForwarder(udp, room, "alice", "vp8" if source == "camera" else "opus")
    made.info = cast("TrackInfo", None)
    made.set_open(True, 0.0)
    return made


@pytest.mark.parametrize("level_id", [0, 2])
@pytest.mark.parametrize("mid_id", [0, 1])
@pytest.mark.parametrize("twcc_id", [0, 5])
def test_the_extension_has_what_was_agreed_to(mid_id: int, level_id: int, twcc_id: int) -> None:
    sizes: list[int] = []

    def number(size: int) -> int:
        sizes.append(size)
        return 0xABCD

    how = {"twcc_id": twcc_id, "twcc_sequence": number} if twcc_id else {}
    out, recorder = down_track(Accepted(True, mid_id, level_id), **how)
    track = forwarder()
    track.attach(out, 0.0)
    track.forward(70_000, 0x80, 1234, b"\x55", KEY_FRAME, b"", 1.0)
    [(_, index, header, payload)] = recorder.protected
    assert index == 0x7FFF
    assert unpadded(header + payload)[len(header) :] == KEY_FRAME
    assert rtp.payload_start(header) == len(header)
    for wanted, value in ((1, b"3" if mid_id else b""), (2, b"\x55" if level_id else b"")):
        start, end = rtp.find_extension(header, wanted)
        assert header[start:end] == value
    start, end = rtp.find_extension(header, 5)
    assert header[start:end] == (b"\xab\xcd" if twcc_id else b"")
    assert sizes == ([len(KEY_FRAME)] if twcc_id else [])


@given(st.binary(min_size=1, max_size=40))
def test_pictures_are_padded_so_that_they_leave_together(more: bytes) -> None:
    out, recorder = down_track(Accepted(True, 1, 0))
    track = forwarder()
    track.attach(out, 0.0)
    track.forward(70_000, 0, 0, b"\0", KEY_FRAME + more, b"", 1.0)
    track.send_again(out, [0x7FFF], 1.0)
    [(_, _, header, payload), (_, _, rtx_header, repaired)] = recorder.protected
    assert len(payload) % 8 == 0
    assert unpadded(header + payload)[len(header) :] == KEY_FRAME + more
    assert repaired == b"\x7f\xff" + payload
    assert unpadded(rtx_header + repaired)[len(header) + 2 :] == KEY_FRAME + more


def test_sound_is_not_padded() -> None:
    out, recorder = down_track(Accepted(False, 1, 2), video=False)
    track = forwarder("microphone")
    track.attach(out, 0.0)
    track.forward(70_000, 0, 0, b"\0", b"opus", b"", 1.0)
    [(_, _, header, payload)] = recorder.protected
    assert (header[0] & rtp.PADDING, payload) == (0, b"opus")


def test_what_is_sent_again_gets_a_number_of_its_own() -> None:
    numbers = iter(range(10))
    out, recorder = down_track(
        Accepted(True, 1, 0), twcc_id=5, twcc_sequence=lambda size: next(numbers)
    )
    track = forwarder()
    track.attach(out, 0.0)
    track.forward(70_000, 0, 0, b"\0", KEY_FRAME, b"", 1.0)
    track.send_again(out, [0x7FFF], 1.0)
    assert [(ssrc, header[-2:]) for ssrc, _, header, _ in recorder.protected] == [
        (7, b"\0\0"),
        (8, b"\0\x01"),
    ]


def test_what_has_a_number_is_not_repeated_under_its_own() -> None:
    out, recorder = down_track(
        Accepted(False, 1, 2), video=False, twcc_id=5, twcc_sequence=lambda size: 1
    )
    track = forwarder("microphone")
    track.attach(out, 0.0)
    track.forward(70_000, 0, 0, b"\0", b"opus", b"", 1.0)
    track.send_again(out, [0x7FFF], 1.0)
    assert len(recorder.protected) == 1


steps = st.one_of(
    st.tuples(st.just("packet"), st.integers(1, 3)),
    st.tuples(st.just("jump"), st.integers(0x4000, 0x7FFF)),
    st.tuples(st.just("late"), st.integers(0, 600)),
    st.tuples(st.just("again"), st.integers(0, 0xFFFF)),
    st.tuples(st.just("pause"), st.booleans()),
    st.tuples(st.just("renumber"), st.integers(0x10000, 0x1FFFF)),
)


@pytest.mark.parametrize("rtx", [True, False])
@given(history=st.lists(steps, max_size=60))
def test_an_index_never_protects_two_different_packets(
    rtx: bool, history: list[tuple[str, int]]
) -> None:
    """RFC 3711 section 9.1, against every order of loss, lateness, pauses and new publishers."""
    out, recorder = down_track(Accepted(rtx, 1, 0))
    track = forwarder()
    track.attach(out, 0.0)
    highest, missing, serial, now = 0x10000, set[int](), 0, 0.0

    def send(extended: int) -> None:
        nonlocal serial
        serial += 1
        payload = KEY_FRAME + struct.pack("!L", serial)
        track.forward(extended, 0, extended * 3 & 0xFFFFFFFF, b"\0", payload, b"", now)

    for what, value in history:
        now += 0.01
        if what in ("packet", "jump"):
            # Half of a jump is what reception gives up; a small gap is what it may still get.
            missing = missing | set(range(highest + 1, highest + value)) if value < 100 else set()
            highest += value
            if track.open:
                send(highest)
            else:
                track.floor = highest + 1
        elif what == "late" and missing:
            extended = sorted(missing)[value % len(missing)]
            missing.discard(extended)
            if track.open:
                send(extended)
        elif what == "again":
            last = recorder.protected[-1][1] if recorder.protected else 0
            track.send_again(out, [value, last & 0xFFFF, (last - 1) & 0xFFFF], now)
        elif what == "pause":
            track.set_open(bool(value), now)
        elif what == "renumber":
            track.renumber()
            highest, missing = value, set()
    seen: dict[tuple[int, int], tuple[bytes, bytes]] = {}
    for ssrc, index, header, payload in recorder.protected:
        assert 0 <= index < 1 << 48
        assert seen.setdefault((ssrc, index), (header, payload)) == (header, payload)


sounds = st.one_of(
    st.tuples(st.just("packet"), st.integers(1, 3)),
    st.tuples(st.just("late"), st.integers(0, 60)),
    st.tuples(st.just("again"), st.integers(0, 70)),
    st.tuples(st.just("repeat"), st.booleans()),
    st.tuples(st.just("pause"), st.booleans()),
)


@given(history=st.lists(sounds, max_size=80))
def test_nor_does_it_where_sound_is_redundant_at_times(history: list[tuple[str, int]]) -> None:
    """An index is that of one form: what went out plain is not sent again redundantly."""
    accepted = Accepted(False, 1, 2, red_payload_type=63)
    out, recorder = down_track(accepted, video=False)
    track = forwarder("microphone")
    track.attach(out, 0.0)
    highest, missing, now = 0x10000, set[int](), 0.0

    def send(extended: int) -> None:
        timestamp = extended * 960 & 0xFFFFFFFF
        fits = track.reaches(extended, timestamp, 960)
        plain = struct.pack("!L", extended)
        redundant = b"redundant" + plain if fits else None
        track.forward(extended, 0, timestamp, b"\0", plain, b"", now, redundant)

    for what, value in history:
        now += 0.01
        if what == "packet":
            missing |= set(range(highest + 1, highest + value))
            highest += value
            if track.open:
                send(highest)
            else:
                track.floor = highest + 1
        elif what == "late" and missing and track.open:
            extended = sorted(missing)[value % len(missing)]
            missing.discard(extended)
            send(extended)
        elif what == "again" and recorder.protected:
            last = recorder.protected[-1][1]
            track.send_again(out, [(last - value) & 0xFFFF], now)
        elif what == "repeat":
            track.set_red(out, bool(value))
        elif what == "pause":
            track.set_open(bool(value), now)
    seen: dict[int, tuple[bytes, bytes]] = {}
    for _, index, header, payload in recorder.protected:
        assert seen.setdefault(index, (header, payload)) == (header, payload)
        assert (header[1] & 0x7F == 63) == payload.startswith(b"redundant")


def test_who_comes_later_gets_nothing_from_before() -> None:
    early, first = down_track(Accepted(True, 1, 0))
    late, second = down_track(Accepted(True, 1, 0), start=0)
    track = forwarder()
    track.attach(early, 0.0)
    track.forward(70_000, 0, 0, b"\0", KEY_FRAME, b"", 1.0)
    track.attach(late, 1.0)
    track.forward(70_002, 0, 0, b"\0", KEY_FRAME, b"", 1.0)
    track.forward(70_001, 0, 0, b"\0", b"late", b"", 1.0)
    assert [index for _, index, _, _ in first.protected] == [0x7FFF, 0x8001, 0x8000]
    assert [index for _, index, _, _ in second.protected] == [0]


def red_downlink() -> tuple[DownTrack, Recorder]:
    return down_track(Accepted(False, 1, 2, red_payload_type=63), video=False)


def say(track: LayerForwarder, extended: int) -> None:
    timestamp = extended * 960
    redundant = b"both" if track.reaches(extended, timestamp, 960) else None
    track.forward(extended, 0, timestamp, b"\0", b"new", b"", 1.0, redundant)


def test_who_comes_later_does_not_get_it_by_redundancy_either() -> None:
    early, first = red_downlink()
    late, second = red_downlink()
    track = forwarder("microphone")
    for out in (early, late):
        track.set_red(out, True)
    track.attach(early, 0.0)
    for extended in range(70_000, 70_030):  # longer than anything reaches back
        say(track, extended)
    track.attach(late, 1.0)
    for extended in range(70_030, 70_032):
        say(track, extended)
    payloads = [payload for _, _, _, payload in first.protected]
    assert payloads == [b"new"] + [b"both"] * 29 + [b"new", b"both"]
    assert [payload for _, _, _, payload in second.protected] == [b"new", b"both"]


def test_nothing_reaches_back_over_a_pause_that_nobody_saw() -> None:
    track = forwarder("microphone")
    assert not track.reaches(70_000, 0, 1)
    assert track.reaches(70_001, 960, 960)
    track.set_open(False, 1.0)
    track.set_open(True, 1.0)
    assert not track.reaches(70_002, 1920, 960)
    assert track.reaches(70_003, 2880, 960)


def test_what_went_out_in_one_form_is_not_sent_again_in_the_other() -> None:
    out, recorder = red_downlink()
    track = forwarder("microphone")
    track.attach(out, 0.0)
    for on, extended in ((False, 70_000), (False, 70_001), (True, 70_002), (False, 70_003)):
        track.set_red(out, on)
        say(track, extended)
        last = recorder.protected[-1][1]
        track.set_red(out, not on)
        track.send_again(out, [last & 0xFFFF], 1.0)
    assert [payload for _, _, _, payload in recorder.protected] == [b"new", b"new", b"both", b"new"]
