"""Evidence with one thing changed, and what the gate is to say of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from assent_vault.release.decision import Blocked, Code, Reason
from assent_vault.release.evidence import Evidence
from assent_vault.release.gate import decide
from support.releasable import logged


def blocked(evidence: Evidence, **reasons: int) -> None:
    """Check that the gate blocks for these reasons and for no other; all was logged as it is."""
    blocked_as_logged(logged(evidence), **reasons)


def blocked_as_logged(evidence: Evidence, **reasons: int) -> None:
    """Check that the gate blocks for these reasons and for no other."""
    expected = {Code(name.replace("_", "-")): count for name, count in reasons.items()}
    found = decide(evidence)
    assert isinstance(found, Blocked)
    assert found.reasons == tuple(Reason(code, expected[code]) for code in Code if code in expected)


LOOKED_IN = 2
"""Whose word is about training alone: Cy of ``Releasable``, who was never recorded."""


def change_person(evidence: Evidence, index: int = LOOKED_IN, **changes: Any) -> Evidence:
    people = list(evidence.people)
    people[index] = replace(people[index], **changes)
    return replace(evidence, people=tuple(people))


def change_answer(evidence: Evidence, index: int = -1, **changes: Any) -> Evidence:
    answers = list(evidence.people[LOOKED_IN].answers)
    answers[index] = replace(answers[index], **changes)
    return change_person(evidence, answers=tuple(answers))


def change_generation(evidence: Evidence, index: int = -1, **changes: Any) -> Evidence:
    found = list(evidence.generations)
    found[index] = replace(found[index], **changes)
    return replace(evidence, generations=tuple(found))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], bytes]]:
    """Yield every byte string inside evidence, with the way to it."""
    if is_dataclass(value):
        for field in fields(value):
            yield from places(getattr(value, field.name), (*path, field.name))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))
    elif isinstance(value, bytes):
        yield path, value


def put(value: Any, path: tuple[Any, ...], new: object) -> Any:
    """Return a copy of evidence with what is at the end of ``path`` replaced."""
    if not path:
        return new
    step, *rest = path
    if isinstance(value, tuple):
        return (*value[:step], put(value[step], tuple(rest), new), *value[step + 1 :])
    return replace(value, **{step: put(getattr(value, step), tuple(rest), new)})
