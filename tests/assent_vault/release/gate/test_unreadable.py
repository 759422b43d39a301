"""The gate: what cannot be read counts as bad, and nothing is left out."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent_vault.release import gate
from assent_vault.release.decision import Blocked, Release
from assent_vault.release.evidence import AnswerEvidence, Evidence
from assent_vault.release.gate import decide
from support.gate import blocked, change_answer, places, put
from support.releasable import Releasable, logged

RELEASABLE = Releasable()
HARMLESS = {
    "ended_at": ("x", b"x", (), (None,), -1, 1.5),
    "destroyed_at": (None,),
    "retention_days": (None,),
    "now": (-1, 1.5),
    "revocations": ((),),  # that nobody was acted for
}


@pytest.mark.parametrize("field", [field.name for field in fields(Evidence)])
@pytest.mark.parametrize("junk", [None, "x", b"x", (), (None,), object(), 1.5, -1, "\ud800"])
def test_junk_never_releases(field: str, junk: Any) -> None:
    if junk in HARMLESS.get(field, ()):
        return
    found = decide(replace(RELEASABLE.evidence(), **{field: junk}))
    assert isinstance(found, Blocked)
    assert found.reasons


@pytest.mark.parametrize("part", ["people", "certificates", "acts", "generations"])
@pytest.mark.parametrize("junk", [None, "x", b"x", object(), 1.5, ("x",), (None,)])
def test_junk_inside_never_releases(part: str, junk: Any) -> None:
    evidence = RELEASABLE.evidence()
    row = getattr(evidence, part)[0]
    for field in fields(row):
        if field.name == "admitted":
            continue  # the header names the person anyway
        rows = (replace(row, **{field.name: junk}), *getattr(evidence, part)[1:])
        changes: dict[str, Any] = {part: rows}
        found = decide(replace(evidence, **changes))
        assert isinstance(found, Blocked), field.name


@pytest.mark.parametrize("field", [field.name for field in fields(AnswerEvidence)])
@pytest.mark.parametrize("junk", [None, "x", object(), ("x",), (None,)])
def test_junk_answers_never_release(field: str, junk: Any) -> None:
    found = decide(change_answer(RELEASABLE.evidence(), **{field: junk}))
    assert isinstance(found, Blocked)


def test_error_inside_is_a_block(scene: Releasable, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(gate, "evidence_digest", fail)
    blocked(scene.evidence(), bad_evidence=1)


# That the records are those of the log is seen before; what they say is tested further up.
PLACES = [place for place in places(RELEASABLE.evidence()) if place[0][0] != "log"]


@given(st.data())
@settings(max_examples=400)
def test_one_byte_changed_anywhere_blocks(data: st.DataObject) -> None:
    path, value = data.draw(st.sampled_from(PLACES))
    index = data.draw(st.integers(0, len(value) - 1))
    flip = data.draw(st.integers(1, 255))
    changed = value[:index] + bytes([value[index] ^ flip]) + value[index + 1 :]
    assert isinstance(decide(put(RELEASABLE.evidence(), path, changed)), Blocked)


@given(st.data())
@settings(max_examples=100)
def test_anything_cut_short_blocks(data: st.DataObject) -> None:
    path, value = data.draw(st.sampled_from(PLACES))
    length = data.draw(st.integers(0, len(value) - 1))
    assert isinstance(decide(put(RELEASABLE.evidence(), path, value[:length])), Blocked)


@given(st.lists(st.sampled_from(["yes", "no", "silent", "withdrawn", "outside"]), max_size=6))
@settings(max_examples=40)
def test_released_exactly_when_everyone_let_in_says_yes(wills: list[str]) -> None:
    """Whatever further people do who are let in after the recording."""
    base = RELEASABLE.evidence()
    people = list(base.people)
    for will in wills:
        said = RELEASABLE.comes()
        if will in ("yes", "withdrawn"):
            said.answer("yes", "yes")
        if will == "withdrawn":
            said.answer("yes", "withdrawn")
        if will == "no":
            said.answer("no", "no")
        said.admitted = will != "outside"
        people.append(said.evidence())
    found = decide(logged(replace(base, people=tuple(people))))
    if set(wills) <= {"yes", "outside"}:
        assert isinstance(found, Release)
        return
    counts = {
        "refused": wills.count("no"),
        "not_answered": wills.count("silent"),
        "withdrawn": wills.count("withdrawn"),
    }
    blocked(
        replace(base, people=tuple(people)),
        **{name: count for name, count in counts.items() if count},
    )


@pytest.mark.parametrize("times", [(None, 2**62), (0, None), (None, None)])
def test_without_both_times_there_is_no_release(
    times: tuple[int | None, int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though nothing speaks against it: the gate does not trust its own parts for that."""
    monkeypatch.setattr(gate._Inquiry, "examine", lambda _self, _evidence: times)
    assert decide(RELEASABLE.evidence()) == Blocked(())
