from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.media.dtls import MAX_DATAGRAM, MAX_WAITING, Certificate, Handshake, datagrams


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
    fingerprint = Certificate().fingerprint
    assert len(fingerprint) == 95
    assert fingerprint == fingerprint.upper()


async def test_what_waits_is_bounded() -> None:
    handshake = Handshake(Certificate(), lambda datagram: None, lambda: None)
    assert [handshake.put(b"\x16") for _ in range(MAX_WAITING + 2)] == [True] * MAX_WAITING + [
        False
    ] * 2


async def test_stopping_ends_a_handshake_that_never_began() -> None:
    sent: list[bytes] = []
    handshake = Handshake(Certificate(), sent.append, lambda: pytest.fail("it was us"))
    running = asyncio.create_task(handshake.run([("sha-256", "00")]))
    await asyncio.sleep(0)
    await handshake.stop()
    async with asyncio.timeout(30):
        assert await running is None


async def test_nobody_is_let_in_without_a_fingerprint() -> None:
    handshake = Handshake(Certificate(), lambda datagram: None, lambda: None)
    with pytest.raises(AssertionError):
        await handshake.run([])
