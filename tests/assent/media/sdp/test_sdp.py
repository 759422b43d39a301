from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.media.errors import SdpError
from assent.media.rtp import rtp
from assent.media.sdp import sdp

CHROMIUM = (Path(__file__).parents[1] / "chromium_offer.sdp").read_text()
DIGEST = ":".join(["AB"] * 32)

HEAD = "v=0\r\no=- 42 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
AUDIO = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=rtpmap:111 opus/48000/2\r\n"


def test_reads_what_a_browser_offers() -> None:
    offer = sdp.parse(CHROMIUM, 16)
    assert offer.bundle == ("0", "1")
    assert not offer.ice_lite
    audio, video = offer.sections
    assert (audio.kind, audio.mid, audio.direction, audio.setup) == (
        "audio",
        "0",
        "sendonly",
        "actpass",
    )
    assert audio.rtcp_mux
    assert audio.rtcp_reduced_size
    assert len(audio.ufrag) == 4
    assert audio.fingerprints[0][0] == "sha-256"
    assert audio.extensions[rtp.MID] == 4
    assert audio.extensions[rtp.AUDIO_LEVEL] == 1
    opus = next(audio.named("opus", 48000))
    assert (opus.payload_type, opus.channels, opus.parameters["useinbandfec"]) == (111, 2, "1")
    vp8 = next(video.named("vp8", 90000))
    assert {"nack", "nack pli", "ccm fir", "goog-remb"} <= vp8.feedback
    rtx = video.rtx_of(vp8.payload_type)
    assert rtx is not None
    assert rtx.payload_type == 97
    assert video.rtx_ssrcs == {video.ssrcs[0]: video.ssrcs[1]}


def test_what_a_section_does_not_say_holds_for_the_session() -> None:
    head = (
        HEAD
        + f"a=ice-ufrag:abcd\r\na=ice-pwd:{'p' * 22}\r\na=setup:active\r\n"
        + f"a=fingerprint:sha-256 {DIGEST}\r\n"
    )
    section = sdp.parse(head + AUDIO, 16).sections[0]
    assert (section.ufrag, section.setup, section.direction) == ("abcd", "active", "sendrecv")
    assert section.fingerprints == [("sha-256", DIGEST)]


def test_unknown_things_are_skipped() -> None:
    text = (
        HEAD
        + "a=new:thing\r\nb=AS:1\r\n"
        + AUDIO
        + "a=rtcp-xr:x\r\na=fingerprint:md5 00\r\na=fmtp:96 x\r\n"
    )
    assert sdp.parse(text, 16).sections[0].fingerprints == []


def test_sections_of_other_kinds_are_kept_unread() -> None:
    data = "m=application 9 UDP/DTLS/SCTP webrtc\r\na=mid:1\r\na=fmtp:webrtc x\r\na=setup:both\r\n"
    refused = "m=text 0 RTP/AVP x\r\n" * 2
    kinds = [section.kind for section in sdp.parse(HEAD + AUDIO + data + refused, 16).sections]
    assert kinds == ["audio", "application", "text", "text"]


def test_line_ends_may_be_bare() -> None:
    assert sdp.parse((HEAD + AUDIO).replace("\r", ""), 16) == sdp.parse(HEAD + AUDIO, 16)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "v=1\r\n",
        "v=0\r\n",
        "v=0\r\no=x\r\n",
        HEAD + "m=audio\r\n",
        HEAD + "m=audio 99999 RTP/AVP 0\r\na=mid:0\r\n",
        HEAD + "m=audio 9 RTP/AVP zero\r\na=mid:0\r\n",
        HEAD + "m=audio 9 RTP/AVP 128\r\na=mid:0\r\n",
        HEAD + "m=audio 9 RTP/AVP 0\r\n",  # no mid
        HEAD + AUDIO + AUDIO,  # the same mid twice
        HEAD + AUDIO + "a=mid:a b\r\n",
        HEAD + AUDIO + "a=mid:" + "m" * 17 + "\r\n",
        HEAD + AUDIO + "a=rtpmap:111 opus/48000/2\r\n",
        HEAD + AUDIO + "a=rtpmap:72 opus/48000/2\r\n",  # looks like RTCP
        HEAD + AUDIO + "a=rtpmap:96 opus\r\n",
        HEAD + AUDIO + "a=rtpmap:96 opus/x\r\n",
        HEAD + AUDIO + "a=extmap:0 urn:x\r\n",
        HEAD + AUDIO + "a=extmap:1\r\n",
        HEAD + AUDIO + "a=ssrc:4294967296 cname:x\r\n",
        HEAD + AUDIO + "a=ssrc:-1 cname:x\r\n",
        HEAD + AUDIO + "a=ssrc-group:FID 1\r\n",
        HEAD + AUDIO + "a=ssrc-group:FID 1 1\r\n",
        HEAD + AUDIO + "a=setup:both\r\n",
        HEAD + AUDIO + "a=ice-ufrag:abc\r\n",
        HEAD + AUDIO + "a=ice-ufrag:ab:cd\r\n",
        HEAD + AUDIO + "a=ice-pwd:short\r\n",
        HEAD + AUDIO + "a=fingerprint:sha-256 AB\r\n",
        HEAD + AUDIO + "a=fingerprint:sha-256 " + DIGEST.replace("AB", "XY") + "\r\n",
        HEAD + AUDIO + "a=fingerprint:sha-256 " + DIGEST.replace(":", "::") + "\r\n",
        HEAD + AUDIO + "a=x:" + "y" * 2000 + "\r\n",
        HEAD + AUDIO + "a=x:\x00\r\n",
        HEAD + AUDIO + "nonsense\r\n",
        HEAD + "".join(f"a=ssrc:{n} x\r\n" for n in range(500)) + AUDIO,
        HEAD + AUDIO + "".join(f"a=ssrc:{n} x\r\n" for n in range(17)),
        HEAD + AUDIO + "".join(f"a=ssrc-group:FID {n} {n + 1}\r\n" for n in range(17)),
        HEAD + AUDIO + "".join(f"a=extmap:{n} urn:{n}\r\n" for n in range(1, 70)),
        HEAD + AUDIO + f"a=fingerprint:sha-256 {DIGEST}\r\n" * 5,
        HEAD + "".join(AUDIO.replace("mid:0", f"mid:{n}") for n in range(17)),
        HEAD + "m=audio 9 RTP/AVP " + "0 " * 65 + "\r\na=mid:0\r\n",
        "v=0\r\n" * 50_000,
    ],
)
def test_what_is_malformed_or_too_much_is_refused(text: str) -> None:
    with pytest.raises(SdpError) as refusal:
        sdp.parse(text, 16)
    assert refusal.value.code == "bad-sdp"


@pytest.mark.parametrize(
    "lines",
    [
        [f"a=rtcp-fb:* kind-{number}" for number in range(300)],
        ["a=fmtp:111 " + ";".join(f"k{line}-{n}=1" for n in range(100)) for line in range(3)],
    ],
    ids=["feedback", "parameters"],
)
def test_what_is_said_of_a_codec_is_bounded(lines: list[str]) -> None:
    """A line of twenty letters may be about every codec there is."""
    with pytest.raises(SdpError, match="too many"):
        sdp.parse(HEAD + AUDIO + "\r\n".join(lines) + "\r\n", 16)


def test_a_refusal_never_repeats_the_text() -> None:
    for line in ("a=mid:seCret x", "a=ice-pwd:seCret", "a=setup:seCret", "a=rtpmap:seCret"):
        with pytest.raises(SdpError) as refusal:
            sdp.parse(HEAD + AUDIO + line + "\r\n", 16)
        assert "seCret" not in str(refusal.value.to_wire())


lines = CHROMIUM.splitlines()


@settings(max_examples=300)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("drop"), st.integers(0, len(lines) - 1), st.just("")),
            st.tuples(st.just("cut"), st.integers(0, len(lines) - 1), st.just("")),
            st.tuples(st.just("set"), st.integers(0, len(lines) - 1), st.text(max_size=40)),
            st.tuples(st.just("add"), st.integers(0, len(lines) - 1), st.sampled_from(lines)),
        ),
        max_size=6,
    )
)
def test_a_munged_offer_is_read_or_refused(changes: list[tuple[str, int, str]]) -> None:
    munged = list(lines)
    for what, where, text in changes:
        where %= len(munged)
        if what == "drop" and len(munged) > 1:
            del munged[where]
        elif what == "cut":
            munged[where] = munged[where][: len(munged[where]) // 2]
        elif what == "set":
            munged[where] = munged[where][:6] + text
        else:
            munged.insert(where, text)
    with suppress(SdpError):
        sdp.parse("\r\n".join(munged), 16)
