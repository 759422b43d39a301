"""Who counts in a meeting: any one of row, header and log is enough, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from assent_vault.formats.everyone import everyone
from assent_vault.formats.suite import encode
from support.people import make_meeting, person_in
from support.releasable import Releasable, Said, make_header


def test_everyone_is_whoever_was_let_in() -> None:
    ready = Releasable()
    rows = tuple(said.evidence() for said in ready.said)
    assert everyone(rows, (), ()) == {encode(said.person.id) for said in ready.said}
    ready.bo.admitted = False
    rows = tuple(said.evidence() for said in ready.said)
    assert everyone(rows, (), ()) == {encode(ready.ada.person.id), encode(ready.cy.person.id)}


def test_nobody_is_nobody() -> None:
    assert everyone((), (), ()) == frozenset()


def test_whom_a_header_names_counts() -> None:
    """Present, or let in earlier and gone by then."""
    meeting = make_meeting()
    here, gone = person_in(meeting), person_in(meeting)
    rows = [Said(each, each.enrol(), admitted=False).evidence() for each in (here, gone)]
    header = make_header(
        meeting, [here.in_generation(), gone.in_generation(present=False)], arm=bytes(32)
    )
    assert everyone(rows, (), ()) == frozenset()
    assert everyone(rows, (header,), ()) == {encode(here.id), encode(gone.id)}
    assert everyone((), (header,), ()) == {encode(here.id), encode(gone.id)}


def test_of_whom_the_log_says_so_counts() -> None:
    person = person_in(make_meeting())
    row = Said(person, person.enrol(), admitted=False).evidence()
    assert everyone((row,), (), [row.person_id]) == {row.person_id}
    assert everyone((), (), [row.person_id]) == {row.person_id}


@pytest.mark.parametrize("unclear", [None, 0, "", "no"])
def test_a_row_that_does_not_plainly_say_the_contrary_counts(unclear: Any) -> None:
    person = person_in(make_meeting())
    row = replace(Said(person, person.enrol()).evidence(), admitted=unclear)
    assert everyone((row,), (), ()) == {row.person_id}
