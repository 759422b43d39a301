from __future__ import annotations

from contextlib import suppress

import pytest
from aioice import stun
from hypothesis import given
from hypothesis import strategies as st

from assent.media.transport import ice

ADDRESS = ("192.0.2.1", 4000)


def request(agent: ice.Agent, **attributes: object) -> stun.Message:
    message = stun.Message(
        stun.Method.BINDING,
        stun.Class.REQUEST,
        attributes={"USERNAME": f"{agent.ufrag}:them", "PRIORITY": 1}
        | {name.replace("_", "-"): value for name, value in attributes.items()},
    )
    message.add_message_integrity(agent.password.encode())
    return message


def test_reads_the_user_name_of_a_check() -> None:
    agent = ice.Agent()
    assert ice.ufrags_of(bytes(request(agent))) == (agent.ufrag, "them")


def test_other_messages_have_none() -> None:
    good = bytes(request(ice.Agent()))
    response = b"\x01\x01" + good[2:]
    assert ice.ufrags_of(response) is None
    assert ice.ufrags_of(good[:-4]) is None
    assert ice.ufrags_of(good + bytes(4)) is None
    assert ice.ufrags_of(good[:4] + bytes(4) + good[8:]) is None
    assert ice.ufrags_of(bytes(19)) is None
    assert ice.ufrags_of(good[:2] + b"\x04\x00" + good[4:20] + bytes(1024)) is None
    bare = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    assert ice.ufrags_of(bytes(bare)) is None


def test_answers_with_the_address_it_saw() -> None:
    agent = ice.Agent()
    check = agent.check(bytes(request(agent, USE_CANDIDATE=None)), "them", ADDRESS)
    assert check is not None
    assert (check.proved, check.nominated) == (True, True)
    answer = stun.parse_message(check.response)
    assert answer.check_message_integrity(agent.password.encode())
    assert answer.attributes["XOR-MAPPED-ADDRESS"] == ADDRESS
    plain = agent.check(bytes(request(agent)), "them", ADDRESS)
    assert plain is not None
    assert not plain.nominated


def test_only_the_described_peer_is_answered() -> None:
    agent = ice.Agent()
    agent.remote_ufrag = "them"
    assert agent.check(bytes(request(agent)), "them", ADDRESS) is not None
    assert agent.check(bytes(request(agent)), "others", ADDRESS) is None


def test_a_wrong_or_missing_signature_proves_nothing() -> None:
    agent, other = ice.Agent(), ice.Agent()
    assert agent.check(bytes(request(other)), "them", ADDRESS) is None
    unsigned = stun.Message(
        stun.Method.BINDING, stun.Class.REQUEST, attributes={"USERNAME": "a:b", "PRIORITY": 1}
    )
    assert agent.check(bytes(unsigned), "them", ADDRESS) is None


def test_a_use_candidate_after_the_signature_does_not_count() -> None:
    agent = ice.Agent()
    message = request(agent)
    message.attributes.pop("FINGERPRINT")
    message.attributes["USE-CANDIDATE"] = None
    message.add_fingerprint()
    check = agent.check(bytes(message), "them", ADDRESS)
    assert check is not None
    assert not check.nominated


def test_a_transaction_belongs_to_the_address_it_was_first_seen_at() -> None:
    agent = ice.Agent()
    data = bytes(request(agent))
    assert agent.check(data, "them", ADDRESS) is not None
    assert agent.check(data, "them", ADDRESS) is not None  # a repetition
    assert agent.check(data, "them", ("192.0.2.66", 1)) is None


def test_what_is_remembered_is_bounded() -> None:
    agent = ice.Agent()
    for _ in range(ice.REMEMBERED + 20):
        agent.check(bytes(request(agent)), "them", ADDRESS)
    assert len(agent._seen) == len(agent._recent) == ice.REMEMBERED


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        (("192.0.2.1", 1), ("192.0.2.1", 1)),
        (("::ffff:192.0.2.1", 1, 0, 0), ("192.0.2.1", 1)),
        (("2001:db8::1", 2, 0, 0), ("2001:db8::1", 2)),
        (("fe80::1%eth0", 3, 0, 2), ("fe80::1", 3)),
    ],
)
def test_addresses_are_told_as_their_owners_know_them(
    address: tuple[object, ...], plain: tuple[str, int]
) -> None:
    assert ice.plain_address(address) == plain


def test_candidates_are_ordered() -> None:
    first, second = ice.candidate(0, "192.0.2.1", 7881), ice.candidate(1, "192.0.2.2", 7881)
    assert first.endswith("192.0.2.1 7881 typ host")
    priorities = [int(line.split()[3]) for line in (first, second)]
    assert priorities[0] > priorities[1]
    assert int(ice.candidate(0, "2001:db8::1", 1).split()[3]) > priorities[0]


@given(st.binary(max_size=120))
def test_no_bytes_raise(tail: bytes) -> None:
    agent = ice.Agent()
    head = b"\x00\x01" + len(tail).to_bytes(2, "big") + stun.COOKIE.to_bytes(4, "big") + bytes(12)
    ice.ufrags_of(tail)
    ice.ufrags_of(head + tail)
    assert agent.check(head + tail, "them", ADDRESS) is None


@given(st.integers(0, 200), st.integers(0, 255))
def test_no_changed_byte_passes(where: int, value: int) -> None:
    agent = ice.Agent()
    data = bytearray(bytes(request(agent)))
    where %= len(data) - 8  # the fingerprint at the end is not signed
    if data[where] == value:
        return
    data[where] = value
    with suppress(TypeError):
        names = ice.ufrags_of(bytes(data))
        assert names is None or agent.check(bytes(data), names[1], ADDRESS) is None
