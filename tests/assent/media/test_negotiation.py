from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from aiortc.sdp import SessionDescription
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.media import rtp, sdp
from assent.media.errors import BadSdp
from assent.media.negotiation import (
    LEVEL_ID,
    MID_ID,
    Local,
    Slot,
    plan_publication,
    read_answer,
    write_offer,
)
from support.rtc_raw import RawPeer

CHROMIUM = (Path(__file__).parent / "chromium_offer.sdp").read_text()
SOURCES = {"0": "microphone", "1": "camera"}
LOCAL = Local(7, "ourname", "o" * 32, ":".join(["CD"] * 32), ("1 1 udp 1 192.0.2.1 7881 typ host",))
SLOTS = [
    Slot("0", False),
    Slot("1", False, "ann-person", "ann-microphone", "ann", 11),
    Slot("2", True, "ann-person", "ann-camera", "ann", 21, 22),
]


def test_plans_what_a_browser_offers() -> None:
    publication = plan_publication(CHROMIUM, SOURCES)
    audio, video = publication.plans
    assert (audio.source, audio.codec, audio.payload_type, audio.clock_rate) == (
        "microphone",
        "opus",
        111,
        48000,
    )
    assert (audio.mid_id, audio.level_id) == (4, 1)
    assert (video.codec, video.payload_type, video.repair_payload_type) == ("vp8", 96, 97)
    assert video.repair_ssrc is not None


def test_the_answer_is_ours_in_the_browsers_numbers() -> None:
    text = plan_publication(CHROMIUM, SOURCES).answer(LOCAL, 3)
    answer = sdp.parse(text, 16)
    assert (answer.session, answer.ice_lite, answer.bundle) == ("7", True, ("0", "1"))
    audio, video = answer.sections
    for section in (audio, video):
        assert section.setup == "passive"
        assert section.direction == "recvonly"
        assert section.username == "ourname"
        assert section.rtcp_mux
    assert audio.formats == ("111",)
    assert audio.codecs[111].feedback == {"nack"}
    assert audio.codecs[111].parameters["useinbandfec"] == "1"
    assert video.formats == ("96", "97")
    assert video.codecs[96].feedback == {"nack", "nack pli", "ccm fir", "goog-remb"}
    assert set(video.extensions) == {rtp.MID}
    assert text.count("a=candidate:") == 1
    assert len(SessionDescription.parse(text).media) == 2


def test_what_is_not_carried_is_refused_and_what_is_not_sent_is_inactive() -> None:
    data = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\na=sctp-port:5000\r\n"
    offer = CHROMIUM.replace("a=sendonly", "a=recvonly", 1) + data
    publication = plan_publication(offer, SOURCES)
    assert [plan.source for plan in publication.plans] == ["camera"]
    answer = sdp.parse(publication.answer(LOCAL, 1), 16)
    assert [section.direction for section in answer.sections[:2]] == ["inactive", "recvonly"]
    assert [section.rejected for section in answer.sections] == [False, False, True]
    assert answer.bundle == ("0", "1")


def test_a_section_nobody_claims_is_not_taken() -> None:
    publication = plan_publication(CHROMIUM, {"0": "microphone"})
    assert [plan.source for plan in publication.plans] == ["microphone"]
    assert sdp.parse(publication.answer(LOCAL, 1), 16).sections[1].direction == "inactive"


@pytest.mark.parametrize(
    ("change", "sources", "field"),
    [
        (("", ""), {"0": "window"}, "tracks"),
        (("", ""), {"9": "microphone"}, "tracks"),
        (("", ""), {"0": "camera"}, "tracks"),
        (("", ""), {"0": "microphone", "1": "microphone"}, "tracks"),
        (("VP8/90000", "VP9/90000"), SOURCES, "tracks"),
        (("opus/48000", "opus/16000"), SOURCES, "tracks"),
        (("a=group:BUNDLE 0 1", "a=group:BUNDLE 0"), SOURCES, None),
        (("a=setup:actpass", "a=setup:passive"), SOURCES, None),
        (("a=setup:actpass", "a=setup:holdconn"), SOURCES, None),
        (("s=-", "s=-\na=ice-lite"), SOURCES, None),
        (("sha-256", "md5"), SOURCES, None),
        (("a=ice-ufrag", "a=no-ufrag"), SOURCES, None),
        (("a=ice-pwd", "a=no-pwd"), SOURCES, None),
        (("SAVPF", "AVP"), SOURCES, None),
        (("a=rtcp-mux", "a=no-mux"), SOURCES, None),
    ],
)
def test_what_cannot_be_carried_is_refused(
    change: tuple[str, str], sources: dict[str, str], field: str | None
) -> None:
    with pytest.raises(BadSdp) as refusal:
        plan_publication(CHROMIUM.replace(*change), sources)
    assert refusal.value.field == field


def test_two_tracks_cannot_share_an_ssrc() -> None:
    ssrcs = re.findall(r"a=ssrc:(\d+) cname", CHROMIUM)
    for other in ssrcs[1:]:
        with pytest.raises(BadSdp):
            plan_publication(CHROMIUM.replace(ssrcs[0], other), SOURCES)


def test_an_offer_of_ours_is_read_by_others() -> None:
    text = write_offer(LOCAL, 1, SLOTS)
    offer = sdp.parse(text, 16)
    assert [section.direction for section in offer.sections] == ["inactive", "sendonly", "sendonly"]
    assert {section.setup for section in offer.sections} == {"actpass"}
    assert offer.sections[2].repairs == {21: 22}
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
    assert answer.accepted["2"].repair
    assert answer.accepted["2"].level_id == 0
    fewer = read_answer(RawPeer().answer(offer, repair=False, refuse=["1"]), SLOTS)
    assert set(fewer.accepted) == {"2"}
    assert not fewer.accepted["2"].repair


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
    with pytest.raises(BadSdp):
        read_answer(answer.replace(*change), SLOTS)
    with pytest.raises(BadSdp):
        read_answer(answer, SLOTS[:2])


lines = CHROMIUM.splitlines()


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.integers(0, len(lines) - 1), st.integers(0, len(lines) - 1)), max_size=8),
    st.dictionaries(st.sampled_from("0123"), st.sampled_from([*SOURCES.values(), "screen", "x"])),
)
def test_a_shuffled_offer_is_answered_or_refused(
    swaps: list[tuple[int, int]], sources: dict[str, str]
) -> None:
    shuffled = list(lines)
    for a, b in swaps:
        shuffled[a], shuffled[b] = shuffled[b], shuffled[a]
    with suppress(BadSdp):
        publication = plan_publication("\n".join(shuffled), sources)
        answer = sdp.parse(publication.answer(LOCAL, 1), 16)
        assert len(answer.sections) == len(publication.offer.sections)
