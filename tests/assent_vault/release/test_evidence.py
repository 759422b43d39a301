"""Evidence: its digest is another one where it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assent_vault.formats import suite
from assent_vault.ledger.checkpoint import Head
from assent_vault.release.evidence import SegmentCheck, _canonical, evidence_digest
from support.gate import change_answer, change_generation, places, put
from support.releasable import Releasable

RELEASABLE = Releasable()


def flipped(value: bytes) -> bytes:
    """Return as many bytes, with the last one changed."""
    return value[:-1] + bytes([value[-1] ^ 1])


def test_digest_covers_everything_but_now() -> None:
    evidence = RELEASABLE.evidence()
    before = evidence_digest(evidence)
    for path, value in places(evidence):
        same = path == ("log", "head", "root")
        assert (evidence_digest(put(evidence, path, flipped(value))) == before) is same, path
    others: dict[str, Any] = {
        "meeting_id": evidence.meeting_id[::-1],
        "ended_at": None,
        "retain_until": 1,
        "destroyed_at": 1,
        "deletions": 1,
        "key_present": False,
        "cooling_off": 1,
        "retention_days": 1,
    }
    for field, value in others.items():
        assert evidence_digest(replace(evidence, **{field: value})) != before, field
    person = replace(evidence.people[0], admitted=False)
    assert evidence_digest(replace(evidence, people=(person, *evidence.people[1:]))) != before
    assert evidence_digest(change_answer(evidence, received_at=1)) != before
    assert evidence_digest(change_generation(evidence, number=9)) != before
    check = SegmentCheck(suite.digest(b""), 1, None)
    assert evidence_digest(change_generation(evidence, check=check)) != before
    assert evidence_digest(replace(evidence, log=replace(evidence.log, whole=False))) != before
    assert evidence_digest(replace(evidence, log=replace(evidence.log, records=()))) != before
    assert (
        evidence_digest(replace(evidence, log=replace(evidence.log, head=Head(9, b"")))) == before
    )
    assert evidence_digest(replace(evidence, now=1)) == before


def test_the_order_in_which_rows_are_read_does_not_count() -> None:
    evidence = RELEASABLE.evidence()
    for field in ("people", "generations"):
        listed = getattr(evidence, field)
        assert len(listed) > 1, field
        turned = replace(evidence, **{field: listed[::-1]})
        assert evidence_digest(turned) == evidence_digest(evidence), field


def test_what_looks_like_another_value_is_not_written_like_it() -> None:
    """All small values made of the very letters that values are written with."""
    letters = [b"", b"n", b"t", b"i0.", b"s0.", b"b1.n", b"s1.n", b"l1.n", b"l2."]
    atoms: list[Any] = [None, True, False, 0, 1, 10, -1, *letters]
    atoms += [letter.decode() for letter in letters]
    pairs = [(left, right) for left in atoms for right in atoms]
    values = [*atoms, (), *((atom,) for atom in atoms), *(((atom,),) for atom in atoms), *pairs]
    values += [(pair, None) for pair in pairs] + [(None, *pair) for pair in pairs]
    written = {b"".join(_canonical(value)) for value in values}
    assert len(written) == len(values)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.binary(max_size=3),
    lambda inside: st.lists(inside, max_size=3).map(tuple),
    max_leaves=5,
)


def exactly(value: Any) -> Any:
    """Tell True from 1, which Python calls equal."""
    if isinstance(value, tuple):
        return tuple(exactly(item) for item in value)
    return (type(value), value)


@given(PLAIN, PLAIN)
@example(True, 1)
@example(False, 0)
@example("a", b"a")
@example((), None)
@example((1, 2), (12,))
@example((("a",), "b"), ("a", ("b",)))
@settings(max_examples=300)
def test_no_two_values_are_written_alike(left: Any, right: Any) -> None:
    same = b"".join(_canonical(left)) == b"".join(_canonical(right))
    assert same == (exactly(left) == exactly(right))


@pytest.mark.parametrize("value", [1.5, [1], {1: 2}, object()])
def test_unknown_kind_of_value_has_no_digest(value: Any) -> None:
    with pytest.raises(TypeError):
        list(_canonical(value))
