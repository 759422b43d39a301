from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from aiortc.sdp import SessionDescription
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.media.codecs import Codec
from assent.media.errors import SdpError
from assent.media.rtp import rtp
from assent.media.sdp import sdp
from assent.media.sdp.common import Local
from assent.media.sdp.publication import offered_pictures, plan_publication
from assent.media.sdp.subscription import Slot, write_offer

CHROMIUM = (Path(__file__).parents[1] / "chromium_offer.sdp").read_text()
SOURCES = {"0": "microphone", "1": "camera"}
LOCAL = Local(7, "ourname", "o" * 32, ":".join(["CD"] * 32), ("1 1 udp 1 192.0.2.1 7881 typ host",))


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
    assert (video.codec, video.payload_type, video.rtx_payload_type) == ("vp8", 96, 97)
    assert video.rtx_ssrc is not None


def test_the_answer_is_ours_in_the_browsers_numbers() -> None:
    text = plan_publication(CHROMIUM, SOURCES).answer(LOCAL, 3)
    answer = sdp.parse(text, 16)
    assert (answer.session, answer.ice_lite, answer.bundle) == ("7", True, ("0", "1"))
    audio, video = answer.sections
    for section in (audio, video):
        assert section.setup == "passive"
        assert section.direction == "recvonly"
        assert section.ufrag == "ourname"
        assert section.rtcp_mux
    # What comes first is sent: a device that says nothing of its own goes on with plain Opus.
    assert audio.formats == ("111", "63")
    assert audio.codecs[63].parameters == {"111/111": ""}
    assert audio.codecs[63].feedback == set()
    assert audio.codecs[111].feedback == {"nack", "transport-cc"}
    assert audio.codecs[111].parameters["useinbandfec"] == "1"
    assert video.formats == ("96", "97")
    assert video.codecs[96].feedback == {
        "nack",
        "nack pli",
        "ccm fir",
        "goog-remb",
        "transport-cc",
    }
    assert set(video.extensions) == {rtp.MID, rtp.TRANSPORT}
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


# As Firefox offers with bundlePolicy "max-bundle": all but the first without a transport.
LENT = re.sub(
    r"m=video 9(.*?)(?=m=|\Z)",
    lambda found: re.sub(
        r"a=(ice-|fingerprint|setup|candidate)[^\r\n]*\r?\n",
        "",
        "m=video 0" + found[1] + "a=bundle-only\r\n",
    ),
    CHROMIUM,
    flags=re.DOTALL,
)


def test_a_section_without_a_transport_of_its_own_is_taken() -> None:
    assert "m=video 0 " in LENT
    publication = plan_publication(LENT, SOURCES)
    assert [plan.source for plan in publication.plans] == ["microphone", "camera"]
    answer = sdp.parse(publication.answer(LOCAL, 1), 16)
    assert [section.port for section in answer.sections] == [9, 9]
    assert answer.bundle == ("0", "1")
    assert "vp8" in offered_pictures(publication.offer)


def test_what_lends_the_transport_need_not_be_taken() -> None:
    publication = plan_publication(LENT.replace("opus", "speex"), {"1": "camera"})
    assert publication.remote.ufrag == plan_publication(CHROMIUM, SOURCES).remote.ufrag


@pytest.mark.parametrize(
    "offer",
    [
        LENT.replace("a=bundle-only\r\n", ""),
        re.sub(r"a=group:BUNDLE 0 1", "a=group:BUNDLE 0", LENT),
    ],
)
def test_port_0_is_a_refusal_where_nothing_lends_a_transport(offer: str) -> None:
    publication = plan_publication(offer, SOURCES)
    assert [plan.source for plan in publication.plans] == ["microphone"]
    assert sdp.parse(publication.answer(LOCAL, 1), 16).sections[1].rejected


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
        (("/90000", "/90001"), SOURCES, "tracks"),
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
    with pytest.raises(SdpError) as refusal:
        plan_publication(CHROMIUM.replace(*change), sources)
    assert refusal.value.field == field


def test_two_tracks_cannot_share_an_ssrc() -> None:
    ssrcs = re.findall(r"a=ssrc:(\d+) cname", CHROMIUM)
    for other in ssrcs[1:]:
        with pytest.raises(SdpError):
            plan_publication(CHROMIUM.replace(ssrcs[0], other), SOURCES)


RIDS = (
    "a=rid:q send\r\na=rid:h send\r\na=rid:f send\r\na=simulcast:send q;h;f\r\n"
    f"a=extmap:9 {rtp.RID}\r\na=extmap:10 {rtp.REPAIRED_RID}\r\n"
)


def layered(text: str = CHROMIUM, rids: str = RIDS) -> str:
    """Return an offer of a camera in layers, as Chromium writes it: without SSRCs."""
    lines = [
        line
        for line in text.splitlines()
        if not line.startswith(("a=ssrc", "a=extmap:10 ", "a=extmap:9 "))
        and rtp.RID not in line
        and rtp.REPAIRED_RID not in line
    ]
    return "\r\n".join(lines) + "\r\n" + rids


def test_layers_are_taken_in_the_order_of_the_offer() -> None:
    publication = plan_publication(layered(), SOURCES)
    audio, video = publication.plans
    assert video.rids == ("q", "h", "f")
    assert (video.rid_id, video.repaired_id, video.ssrc) == (9, 10, None)
    assert audio.rids == ()
    text = publication.answer(LOCAL, 1)
    assert "a=simulcast:recv q;h;f\r\n" in text
    assert [line for line in text.splitlines() if line.startswith("a=rid:")] == [
        "a=rid:q recv",
        "a=rid:h recv",
        "a=rid:f recv",
    ]
    section = sdp.parse(text, 16).sections[1]
    assert (section.extensions[rtp.RID], section.extensions[rtp.REPAIRED_RID]) == (9, 10)


def test_no_more_than_three_layers_are_taken() -> None:
    rids = RIDS.replace("a=simulcast:send q;h;f", "a=rid:x send\r\na=simulcast:send q;~h,f;f;x")
    assert plan_publication(layered(rids=rids), SOURCES).plans[1].rids == ("q", "h", "f")


@pytest.mark.parametrize(
    "change",
    [
        (rtp.RID, "urn:other"),
        ("send q;h;f", "send q"),
        ("a=simulcast:send q;h;f", "a=simulcast:recv q;h;f"),
        ("rid:q send", "rid:q recv"),
    ],
)
def test_what_cannot_be_told_apart_is_taken_as_one_or_fewer(change: tuple[str, str]) -> None:
    plan = plan_publication(layered(rids=RIDS.replace(*change)), SOURCES).plans[1]
    assert plan.rids in ((), ("h", "f"))


@pytest.mark.parametrize(
    "line",
    [
        "a=rid:q send",
        "a=rid:a/b send",
        "a=simulcast:send q;h",
        "a=simulcast:send q;q",
        "a=simulcast:",
        "a=simulcast:both q",
        *(f"a=rid:{number} send" for number in range(9)),
    ],
)
def test_malformed_layers_are_refused(line: str) -> None:
    more = "".join(f"a=rid:r{number} send\r\n" for number in range(5))
    with pytest.raises(SdpError):
        plan_publication(layered(rids=RIDS + more) + line + "\r\n", SOURCES)


@pytest.mark.parametrize(
    ("codec", "payload_type", "rtx"),
    [("vp8", 96, 97), ("h264", 108, 109), ("vp9", 98, 99), ("av1", 45, 46)],
)
def test_the_codec_is_the_one_that_is_wanted(codec: Codec, payload_type: int, rtx: int) -> None:
    publication = plan_publication(CHROMIUM, SOURCES, [codec])
    plan = publication.plans[1]
    assert (plan.codec, plan.payload_type, plan.rtx_payload_type) == (
        codec,
        payload_type,
        rtx,
    )
    section = sdp.parse(publication.answer(LOCAL, 1), 16).sections[1]
    assert section.formats == (str(payload_type), str(rtx))
    slot = Slot("0", True, "ann-person", "ann-camera", "ann", 21, 22, codec)
    offer = sdp.parse(write_offer(LOCAL, 1, [slot]), 16).sections[0]
    assert [found.name for found in offer.codecs.values()] == [codec, "rtx"]


def test_layers_of_a_codec_without_them_are_one_stream() -> None:
    assert plan_publication(layered(), SOURCES, ["h264"]).plans[1].rids == ("q", "h", "f")
    assert plan_publication(layered(), SOURCES, ["vp9"]).plans[1].rids == ()


def test_what_a_browser_has_is_known_from_its_offer() -> None:
    offer = plan_publication(CHROMIUM, SOURCES).offer
    assert offered_pictures(offer) == {"vp8", "h264", "vp9", "av1"}
    baseline = re.sub("profile-level-id=42[e0]01f", "profile-level-id=640c1f", CHROMIUM)
    other = plan_publication(baseline.replace("profile-id=0", "profile-id=2"), SOURCES).offer
    assert offered_pictures(other) == {"vp8", "av1"}


AUDIO_LINE = re.compile(r"(m=audio \d+ UDP/TLS/RTP/SAVPF) [ \d]*")


def test_redundant_audio_is_taken_in_the_order_of_the_offer() -> None:
    offer = AUDIO_LINE.sub(r"\1 63 111 0", CHROMIUM)
    publication = plan_publication(offer, SOURCES)
    audio, video = publication.plans
    assert (audio.payload_type, audio.red_payload_type) == (111, 63)
    assert video.red_payload_type == 0
    answer = sdp.parse(publication.answer(LOCAL, 1), 16)
    assert answer.sections[0].formats == ("63", "111")


@pytest.mark.parametrize(
    "change",
    [
        ("a=rtpmap:63 red/48000/2", "a=rtpmap:63 red/8000"),
        ("a=fmtp:63 111/111", "a=fmtp:63 111/0"),
        ("a=fmtp:63 111/111", "a=fmtp:62 111/111"),
        ("a=rtpmap:63 red/48000/2", "a=rtpmap:63 other/48000/2"),
        # Retransmissions repeat one format; with redundant audio there would be two.
        ("a=fmtp:63 111/111", "a=fmtp:63 111/111\r\na=rtpmap:14 rtx/48000\r\na=fmtp:14 apt=111"),
    ],
)
def test_without_redundant_audio_of_opus_alone_there_is_plain_opus(change: tuple[str, str]) -> None:
    offer = AUDIO_LINE.sub(r"\1 63 111 14 0", CHROMIUM)
    assert plan_publication(offer, SOURCES).plans[0].red_payload_type == 63
    plan = plan_publication(offer.replace(*change), SOURCES).plans[0]
    assert (plan.payload_type, plan.red_payload_type) == (111, 0)


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
    with suppress(SdpError):
        publication = plan_publication("\n".join(shuffled), sources)
        answer = sdp.parse(publication.answer(LOCAL, 1), 16)
        assert len(answer.sections) == len(publication.offer.sections)
