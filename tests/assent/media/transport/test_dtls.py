from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from aiortc.rtcdtlstransport import (
    SRTP_AES128_CM_SHA1_80,
    RTCCertificate,
    SRTPProtectionProfile,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from assent.media.rtp import rtcp
from assent.media.transport.dtls import (
    MAX_DATAGRAM,
    MAX_WAITING,
    PROFILES,
    DtlsCertificate,
    Handshake,
    datagrams,
)
from assent.media.transport.gcm import Gcm
from assent.media.transport.srtp import Libsrtp
from support.rtc_raw import KEY_FRAME, RawPeer, RawTrack
from support.rtc_scene import staged


def long_certificate() -> RTCCertificate:
    """Make a certificate that does not fit into one datagram."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "long")])
    names = [x509.DNSName(f"{number}.{'x' * 40}.example") for number in range(60)]
    now = dt.datetime.now(tz=dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    return RTCCertificate(key, certificate)


def record(size: int, kind: int = 22) -> bytes:
    return bytes([kind]) + b"\xfe\xfd" + bytes(8) + size.to_bytes(2, "big") + bytes(size)


@given(st.lists(st.integers(1, 1100), max_size=12))
def test_a_flight_is_cut_between_records(sizes: list[int]) -> None:
    records = [record(size) for size in sizes]
    out = datagrams(b"".join(records))
    assert b"".join(out) == b"".join(records)
    ends = {0}
    for data in records:
        ends.add(max(ends) + len(data))
    position = 0
    for data in out:
        assert len(data) <= MAX_DATAGRAM
        position += len(data)
        assert position in ends


def test_what_is_no_row_of_records_is_left_whole() -> None:
    assert datagrams(b"") == []
    assert datagrams(b"\x2f" + bytes(1400)) == [b"\x2f" + bytes(1400)]
    assert datagrams(record(3000)) == [record(3000)]


def test_a_fingerprint_is_written_as_descriptions_want_it() -> None:
    fingerprint = DtlsCertificate().fingerprint
    assert len(fingerprint) == 95
    assert fingerprint == fingerprint.upper()


@pytest.mark.parametrize("publishing", PROFILES.values(), ids=lambda p: p.openssl_profile.decode())
@pytest.mark.parametrize("subscribing", PROFILES.values(), ids=lambda p: p.openssl_profile.decode())
async def test_media_flows_between_any_two_profiles(
    publishing: SRTPProtectionProfile, subscribing: SRTPProtectionProfile
) -> None:
    async with staged() as stage:
        alice, bob = stage.client("alice"), stage.client("bob")
        alice.profiles, bob.profiles = [publishing], [subscribing]
        audio, video = RawTrack("0", "microphone", 11), RawTrack("1", "camera", 22, 23)
        stage.room.set_forwarding("alice", True)
        await alice.publish(audio, video)
        await stage.listener.state("alice", "publish", "connected")
        await bob.subscribe()
        forms = {True: Libsrtp, False: Gcm}
        for peer, profile in ((alice.publishing, publishing), (bob.subscribing, subscribing)):
            [connection] = [c for a, c in stage.udp.by_address.items() if peer is stage.wire.at(a)]
            assert type(connection.srtp) is forms[profile is SRTP_AES128_CM_SHA1_80]
        alice.publishing.send(audio.packet(b"sound"))
        alice.publishing.send(video.packet(KEY_FRAME))
        bob.subscribing.send_feedback(rtcp.nack(1, bob.section("alice", "camera").ssrcs[0], [0]))
        await stage.settle()
        assert [p[-5:] for p in bob.received("alice", "microphone")] == [b"sound"]
        assert [p[-5:] for p in bob.received("alice", "camera")] == [KEY_FRAME]
        assert stage.counted("nack-missed") == 1
        assert stage.counted("drop-srtp") == 0


async def test_what_waits_is_bounded() -> None:
    handshake = Handshake(DtlsCertificate(), lambda datagram: None, lambda: None)
    assert [handshake.put(b"\x16") for _ in range(MAX_WAITING + 2)] == [True] * MAX_WAITING + [
        False
    ] * 2


async def test_stopping_ends_a_handshake_that_never_began() -> None:
    sent: list[bytes] = []
    handshake = Handshake(DtlsCertificate(), sent.append, lambda: pytest.fail("it was us"))
    running = asyncio.create_task(handshake.run([("sha-256", "00")]))
    await asyncio.sleep(0)
    await handshake.stop()
    async with asyncio.timeout(30):
        assert await running is None


async def test_nobody_is_let_in_without_a_fingerprint() -> None:
    handshake = Handshake(DtlsCertificate(), lambda datagram: None, lambda: None)
    with pytest.raises(AssertionError):
        await handshake.run([])


async def test_a_flight_of_several_datagrams_arrives() -> None:
    peer = RawPeer()
    certificate = DtlsCertificate()
    certificate.certificate = long_certificate()
    sent: list[bytes] = []

    def to_peer(datagram: bytes) -> None:
        sent.append(datagram)
        peer._wire.waiting.put_nowait(datagram)

    handshake = Handshake(certificate, to_peer, lambda: None)
    peer.transmit = handshake.put
    other = RawPeer()
    other.certificate = certificate.certificate
    peer.use(other.offer([RawTrack("0", "microphone", 1)]))
    running = asyncio.create_task(handshake.run([("sha-256", peer.fingerprint)]))
    await peer.shake()
    assert peer.connected
    assert await running is not None
    assert sum(map(len, sent)) > 2000
    assert max(map(len, sent)) <= MAX_DATAGRAM
    await handshake.stop()
    await peer.close()
