"""AES-GCM for SRTP: the vectors of RFC 7714 and RFC 3711, libsrtp as the other end, and replays."""

from __future__ import annotations

import os
import struct

import pylibsrtp
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from assent.media.transport.gcm import Gcm, derive
from assent.media.transport.srtp import WINDOW, SrtpError

KEY = bytes(range(32))
SALT = b"Quid pro quo"
RTP = bytes.fromhex("8040f17b8041f8d35501a0b2") + b"Gallia est omnis divisa in partes tres"
RTCP = bytes.fromhex(
    "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61"
    "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef"
)

# RFC 7714 sections 16.1.1, 16.2.1 and 17.1 to 17.3.
SRTP_128 = (
    "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de"
    "3adf8833899d7f27beb16a9152cf765ee4390cce"
)
SRTP_256 = (
    "8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba6"
    "3799b87b7aa3db36dfffd6b0f9bb7878d7a76c13"
)
SRTCP_128 = (
    "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b468630"
    "3ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4"
)
SRTCP_256 = (
    "81c8000d4d617273d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61d"
    "e0476f1b6fad1d1eb30c4446839f57ff6f6cb26ac3be800005d4"
)
SRTCP_128_IN_THE_CLEAR = (
    "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdead"
    "beefdeadbeef841dd9683dd78ec92ae58790125f62b3000005d4"
)
SRTCP_INDEX = 0x5D4


def vector_keys(size: int) -> Gcm:
    """Return a connection with the session keys of the vectors, which skip the derivation."""
    gcm = Gcm(KEY[:size] + SALT, KEY[:size] + SALT)
    for keys in (gcm._in, gcm._out):
        keys.rtp = keys.rtcp = AESGCM(KEY[:size])
        keys.rtp_salt = keys.rtcp_salt = int.from_bytes(SALT, "big")
    return gcm


@pytest.mark.parametrize(("size", "expected"), [(16, SRTP_128), (32, SRTP_256)])
def test_the_rtp_vectors(size: int, expected: str) -> None:
    gcm = vector_keys(size)
    protect = gcm.protector(0x5501A0B2)
    assert protect(RTP[:12], RTP[12:], 0xF17B).hex() == expected
    assert gcm.unprotect(bytes.fromhex(expected)) == RTP


@pytest.mark.parametrize(("size", "expected"), [(16, SRTCP_128), (32, SRTCP_256)])
def test_the_rtcp_vectors(size: int, expected: str) -> None:
    gcm = vector_keys(size)
    assert gcm.unprotect_rtcp(bytes.fromhex(expected)) == RTCP
    gcm._rtcp_index = SRTCP_INDEX - 1
    assert gcm.protect_rtcp(RTCP).hex() == expected


def test_rtcp_that_is_only_authenticated() -> None:
    datagram = bytes.fromhex(SRTCP_128_IN_THE_CLEAR)
    assert vector_keys(16).unprotect_rtcp(datagram) == RTCP
    with pytest.raises(InvalidTag):
        vector_keys(16).unprotect_rtcp(datagram[:20] + b"x" + datagram[21:])


def test_the_derivation_of_keys() -> None:
    # RFC 3711 appendix B.3, whose salt has 14 bytes.
    master = bytes.fromhex("e1f97a0d3e018be0d64fa32c06de4139")
    salt = bytes.fromhex("0ec675ad498afeebb6960b3aabe6")
    assert derive(master, salt, 0, 16).hex() == "c61e7a93744f39ee10734afe3ff7a087"
    assert derive(master, salt, 2, 14).hex() == "30cbbc08863d8c85d49db34a9ae1"


# -- libsrtp as the other end ------------------------------------------------------------------

PROFILES = {
    16: pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    32: pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
}


def session(size: int, key: bytes, direction: int) -> pylibsrtp.Session:
    return pylibsrtp.Session(
        pylibsrtp.Policy(key=key, ssrc_type=direction, srtp_profile=PROFILES[size])
    )


def rtp(sequence: int, ssrc: int, payload: bytes, extension: bool = False) -> bytes:
    head = struct.pack("!BBHLL", 0x90 if extension else 0x80, 96, sequence & 0xFFFF, 7, ssrc)
    return head + (bytes.fromhex("bede000110ff0000") if extension else b"") + payload


@pytest.mark.parametrize("size", PROFILES)
def test_libsrtp_understands_us_over_a_roll_over(size: int) -> None:
    ours, theirs = os.urandom(size + 12), os.urandom(size + 12)
    gcm = Gcm(theirs, ours)
    other = session(size, ours, pylibsrtp.Policy.SSRC_ANY_INBOUND)
    protect = gcm.protector(9)
    for index in range(0xFFF0, 0x10010):
        packet = rtp(index, 9, b"x" * (index & 0x3F), extension=True)
        assert other.unprotect(protect(packet[:20], packet[20:], index)) == packet
    for number in range(3):
        report = struct.pack("!BBHL", 0x80, 201, 1, 9) + bytes([number]) * 8
        assert other.unprotect_rtcp(gcm.protect_rtcp(report)) == report


@pytest.mark.parametrize("size", PROFILES)
def test_we_understand_libsrtp_over_a_roll_over(size: int) -> None:
    ours, theirs = os.urandom(size + 12), os.urandom(size + 12)
    gcm = Gcm(theirs, ours)
    other = session(size, theirs, pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
    late = b""
    for sequence in range(0xFFF0, 0x10010):
        packet = rtp(sequence, 9, b"y" * (sequence & 0x3F), extension=True)
        datagram = other.protect(packet)
        if sequence == 0xFFFF:
            late = datagram
        else:
            assert gcm.unprotect(datagram) == packet
    assert gcm.unprotect(late)[2:4] == b"\xff\xff"  # of the cycle before
    for number in range(3):
        report = struct.pack("!BBHL", 0x80, 201, 1, 9) + bytes([number]) * 8
        assert gcm.unprotect_rtcp(other.protect_rtcp(report)) == report


# -- what is refused ---------------------------------------------------------------------------


def pair() -> tuple[Gcm, Gcm]:
    one, two = os.urandom(44), os.urandom(44)
    return Gcm(one, two), Gcm(two, one)


def test_a_replay_is_refused_and_so_is_what_is_too_old_to_tell() -> None:
    sender, receiver = pair()
    protect = sender.protector(5)
    sent = {i: protect(rtp(i, 5, b""), b"p", i) for i in range(100, 102 + WINDOW)}
    assert receiver.unprotect(sent[100])
    with pytest.raises(ValueError, match="replayed"):
        receiver.unprotect(sent[100])
    assert receiver.unprotect(sent[100 + WINDOW])
    assert receiver.unprotect(sent[101])  # the oldest that can be told
    with pytest.raises(ValueError, match="replayed"):
        receiver.unprotect(sent[101])
    assert receiver.unprotect(sent[101 + WINDOW])
    with pytest.raises(ValueError, match="replayed"):
        receiver.unprotect(sent[102 - 1])


def test_a_replayed_report_is_refused() -> None:
    sender, receiver = pair()
    report = sender.protect_rtcp(RTCP)
    assert receiver.unprotect_rtcp(report) == RTCP
    with pytest.raises(ValueError, match="replayed"):
        receiver.unprotect_rtcp(report)
    assert receiver.unprotect_rtcp(sender.protect_rtcp(RTCP)) == RTCP


def test_a_forgery_is_refused_and_moves_nothing() -> None:
    sender, receiver = pair()
    protect = sender.protector(5)
    assert receiver.unprotect(protect(rtp(1, 5, b""), b"p", 1))
    genuine = protect(rtp(2, 5, b""), b"payload", 2)
    for position in range(len(genuine)):
        forged = bytearray(genuine)
        forged[position] ^= 0x40
        with pytest.raises(SrtpError):
            receiver.unprotect(bytes(forged))
    assert receiver._rtp_seen[genuine[8:12]].highest == 1
    assert len(receiver._rtp_seen) == 1
    assert receiver.unprotect(genuine)
    report = sender.protect_rtcp(RTCP)
    for position in range(len(report)):
        forged = bytearray(report)
        forged[position] ^= 0x01
        with pytest.raises(SrtpError):
            receiver.unprotect_rtcp(bytes(forged))
    assert receiver._rtcp_seen == {}
    assert receiver.unprotect_rtcp(report) == RTCP


@given(st.binary(max_size=80))
def test_nonsense_is_refused(datagram: bytes) -> None:
    gcm = Gcm(KEY + SALT, KEY + SALT)
    for function in (gcm.unprotect, gcm.unprotect_rtcp):
        with pytest.raises(SrtpError):
            function(datagram)


def test_what_is_forgotten_begins_anew() -> None:
    sender, receiver = pair()
    datagram = sender.protector(5)(rtp(1, 5, b""), b"p", 1)
    receiver.unprotect(datagram)
    receiver.forget(5)
    receiver.forget(6)
    assert receiver._rtp_seen == {}
    assert receiver.unprotect(datagram)


def test_each_report_has_an_index_of_its_own() -> None:
    """Whoever signs it; and of SSRCs that come and go nothing is kept."""
    sender, receiver = pair()
    trailers = [sender.protect_rtcp(RTCP)[-4:] for _ in range(3)]
    assert trailers == [bytes.fromhex(f"8000000{n}") for n in (1, 2, 3)]
    luna = sender.protect_rtcp(RTCP[:4] + b"Luna" + RTCP[8:])
    assert luna[-4:] == bytes.fromhex("80000004")
    assert receiver.unprotect_rtcp(luna)[4:8] == b"Luna"
    sender._rtcp_index = (1 << 31) - 1
    with pytest.raises(ValueError, match="used up"):
        sender.protect_rtcp(RTCP)
