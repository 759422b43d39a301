from __future__ import annotations

import pytest
from aiortc.sdp import SessionDescription

from assent.media.errors import SdpError
from assent.media.rtp import rtp
from assent.media.sdp import sdp
from assent.media.sdp.common import Local
from assent.media.sdp.subscription import (
    LEVEL_ID,
    MID_ID,
    TRANSPORT_ID,
    Slot,
    read_answer,
    write_offer,
)
from support.rtc_raw import RawPeer

LOCAL = Local(7, "ourname", "o" * 32, ":".join(["CD"] * 32), ("1 1 udp 1 192.0.2.1 7881 typ host",))
SLOTS = [
    Slot("0", False),
    Slot("1", False, "ann-person", "ann-microphone", "ann", 11),
    Slot("2", True, "ann-person", "ann-camera", "ann", 21, 22, "vp8"),
]


def test_an_answer_cannot_borrow() -> None:
    answer = RawPeer().answer(write_offer(LOCAL, 1, SLOTS))
    head, _, last = answer.rpartition("m=video 9")
    borrowed = f"{head}m=video 0{last}a=bundle-only\r\n"
    assert set(read_answer(answer, SLOTS).accepted) == {"1", "2"}
    assert set(read_answer(borrowed, SLOTS).accepted) == {"1"}


def test_an_offer_of_ours_is_read_by_others() -> None:
    text = write_offer(LOCAL, 1, SLOTS)
    offer = sdp.parse(text, 16)
    assert [section.direction for section in offer.sections] == ["inactive", "sendonly", "sendonly"]
    assert {section.setup for section in offer.sections} == {"actpass"}
    assert offer.sections[2].rtx_ssrcs == {21: 22}
    assert offer.bundle == ("0", "1", "2")
    theirs = SessionDescription.parse(text)
    assert [media.msid for media in theirs.media] == [
        None,
        "ann-person ann-microphone",
        "ann-person ann-camera",
    ]


def test_an_answer_says_what_is_wanted() -> None:
    offer = write_offer(LOCAL, 1, SLOTS)
    answer = read_answer(RawPeer().answer(offer), SLOTS)
    assert set(answer.accepted) == {"1", "2"}
    assert (answer.accepted["1"].mid_id, answer.accepted["1"].level_id) == (MID_ID, LEVEL_ID)
    assert answer.accepted["2"].rtx
    assert answer.accepted["2"].level_id == 0
    fewer = read_answer(RawPeer().answer(offer, rtx=False, refuse=["1"]), SLOTS)
    assert set(fewer.accepted) == {"2"}
    assert not fewer.accepted["2"].rtx


def test_redundant_audio_goes_to_who_answers_that_it_has_it() -> None:
    offer = write_offer(LOCAL, 1, SLOTS)
    assert sdp.parse(offer, 16).sections[1].formats == ("111", "63")
    plain = RawPeer().answer(offer)
    assert read_answer(plain, SLOTS).accepted["1"].red_payload_type == 0
    red = RawPeer().answer(offer, red=True)
    assert read_answer(red, SLOTS).accepted["1"].red_payload_type == 63
    for change in (("63 111/111", "63 111/112"), ("red/48000", "red/8000"), ("111 63", "111")):
        assert read_answer(red.replace(*change), SLOTS).accepted["1"].red_payload_type == 0


def test_numbers_of_the_transport_need_a_stream_of_retransmissions() -> None:
    offer = write_offer(LOCAL, 1, SLOTS)
    assert offer.count(f"a=extmap:{TRANSPORT_ID} {rtp.TRANSPORT}") == 1  # sound has none
    agreed = f"a=extmap:{TRANSPORT_ID} {rtp.TRANSPORT}\r\na=rtcp-fb:96 transport-cc\r\n"
    answer = RawPeer().answer(offer) + agreed
    assert read_answer(answer, SLOTS).accepted["2"].transport_id == TRANSPORT_ID
    without = RawPeer().answer(offer, rtx=False) + agreed
    assert read_answer(without, SLOTS).accepted["2"].transport_id == 0
    silent = answer.replace("a=rtcp-fb:96 transport-cc\r\n", "")
    assert read_answer(silent, SLOTS).accepted["2"].transport_id == 0


@pytest.mark.parametrize(
    "change",
    [
        ("a=setup:active", "a=setup:passive"),
        ("a=setup:active", "a=setup:actpass"),
        ("a=group:BUNDLE 0 1 2", "a=group:BUNDLE 0 1"),
        ("a=mid:2", "a=mid:3"),
        ("m=video", "m=audio"),
        ("a=rtcp-mux", "a=rtcp-max"),
        (" 9 UDP", " 0 UDP"),
        ("a=fingerprint", "a=fingertip"),
    ],
)
def test_an_answer_to_something_else_is_refused(change: tuple[str, str]) -> None:
    answer = RawPeer().answer(write_offer(LOCAL, 1, SLOTS))
    read_answer(answer, SLOTS)
    with pytest.raises(SdpError):
        read_answer(answer.replace(*change), SLOTS)
    with pytest.raises(SdpError):
        read_answer(answer, SLOTS[:2])
