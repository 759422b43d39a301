"""The gate: every epoch, how it ended, and what there is of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.formats import closing as closings
from assent_vault.formats.suite import encode
from support.gate import blocked, change_epoch
from support.releasable import Releasable, changed_header, make_header


def test_nothing_recorded(scene: Releasable) -> None:
    blocked(scene.evidence(epochs=()), nothing_recorded=0)


def test_no_segments_recorded(scene: Releasable) -> None:
    scene.record_again(*scene.headers, segments=0)
    blocked(scene.evidence(), nothing_recorded=0)


def test_open_epoch(scene: Releasable) -> None:
    blocked(change_epoch(scene.evidence(), closing=None, check=None), recording_open=1)


def test_every_open_epoch_is_counted(scene: Releasable) -> None:
    evidence = scene.evidence()
    open_ = tuple(replace(epoch, closing=None, check=None) for epoch in evidence.epochs)
    blocked(replace(evidence, epochs=open_), recording_open=2, nothing_recorded=0)


def test_unreadable_header(scene: Releasable) -> None:
    blocked(change_epoch(scene.evidence(), header=b"{}"), bad_evidence=1)


def test_header_of_another_number(scene: Releasable) -> None:
    blocked(change_epoch(scene.evidence(), number=3), bad_evidence=1)


@pytest.mark.parametrize(
    "change",
    [
        {"meeting": encode(bytes(16))},
        {"charter": encode(bytes(32))},
        {"notice_version": 2},
        {"vault": encode(bytes(32))},
    ],
    ids=lambda change: next(iter(change)),
)
def test_header_that_does_not_fit(scene: Releasable, change: dict[str, Any]) -> None:
    scene.record_again(changed_header(scene.headers[0], **change))
    blocked(scene.evidence(), bad_evidence=1)


def test_header_without_training(scene: Releasable) -> None:
    """There are no shares of such an epoch. Its missing vault says so too, so both are tried."""
    scene.record_again(changed_header(scene.headers[0], training=False, vault=None))
    blocked(scene.evidence(), bad_evidence=1)
    blocked(scene.evidence(vault_key=None), vault_key_missing=0, bad_evidence=1)


def test_epoch_with_nobody_in_it(scene: Releasable) -> None:
    away = [said.person.in_header() for said in scene.said]
    header = changed_header(
        make_header(scene.meeting, away),
        people=[
            {
                "id": encode(person.id),
                "enrolment": encode(person.enrolment),
                "watch": encode(person.watch),
                "train": encode(person.train),
                "present": False,
                "watches": False,
            }
            for person in sorted(away, key=lambda person: person.id)
        ],
    )
    first, last = scene.headers
    scene.record_again(first, last)
    whole = scene.evidence()
    empty = changed_header(header, epoch=3, previous=encode(last.digest))
    scene.record_again(empty, segments=0)
    evidence = replace(whole, epochs=(*whole.epochs, scene.epochs[0].evidence()))
    blocked(evidence, bad_evidence=1)


def test_nobody_at_all(scene: Releasable) -> None:
    """No consent is needed of nobody; that is no reason to release anything."""
    header = changed_header(scene.headers[0], people=[])
    scene.record_again(header, segments=0)
    blocked(scene.evidence(people=()), bad_evidence=1, nothing_recorded=0)


def test_first_epoch_taken_away(scene: Releasable) -> None:
    evidence = scene.evidence()
    blocked(replace(evidence, epochs=evidence.epochs[1:]), bad_evidence=1)


def test_broken_chain_of_headers(scene: Releasable) -> None:
    first, second = scene.headers
    scene.record_again(first, changed_header(second, previous=encode(bytes(32))))
    blocked(scene.evidence(), bad_evidence=1)


def test_second_beginning(scene: Releasable) -> None:
    first, second = scene.headers
    scene.record_again(first, changed_header(second, previous=None))
    blocked(scene.evidence(), bad_evidence=1)


def test_epoch_twice(scene: Releasable) -> None:
    first, second = scene.headers
    again = changed_header(second, previous=encode(second.digest))
    scene.record_again(first, second, again)
    blocked(scene.evidence(), bad_evidence=1, not_logged=0)


def test_header_that_forgets_somebody(scene: Releasable) -> None:
    """Whoever came and left still owns a share of everything after."""
    ada, bo, _ = (said.person.in_header() for said in scene.said)
    first = scene.headers[0]
    scene.record_again(first, make_header(scene.meeting, [ada, bo], 2, first))
    blocked(scene.evidence(), bad_evidence=1)


def test_closing_without_signature(scene: Releasable) -> None:
    blocked(change_epoch(scene.evidence(), closing_signature=None), bad_evidence=1)


def test_closing_of_another_server(scene: Releasable) -> None:
    closing = scene.epochs[-1].closing
    forged = closings.sign_closing(Ed25519PrivateKey.generate(), closing)
    blocked(change_epoch(scene.evidence(), closing_signature=forged), bad_evidence=1)


def test_closing_of_another_epoch(scene: Releasable) -> None:
    first = scene.evidence().epochs[0]
    evidence = change_epoch(
        scene.evidence(),
        closing=first.closing,
        closing_signature=first.closing_signature,
        check=first.check,
    )
    blocked(evidence, bad_evidence=1)


def test_unreadable_closing(scene: Releasable) -> None:
    signature = closings.sign_closing(scene.meeting.server, b"{}")
    evidence = change_epoch(scene.evidence(), closing=b"{}", closing_signature=signature)
    blocked(evidence, bad_evidence=1)


def test_track_of_somebody_who_was_not_there(scene: Releasable) -> None:
    scene.record_again(scene.headers[0], who=lambda person: not person.present)
    blocked(scene.evidence(), bad_evidence=1, nothing_recorded=0)


def test_segments_not_looked_for(scene: Releasable) -> None:
    blocked(change_epoch(scene.evidence(), check=None), segments_damaged=2)


def test_segments_looked_for_by_another_closing(scene: Releasable) -> None:
    check = scene.evidence().epochs[0].check
    assert check is not None
    stale = replace(check, intact=2)
    blocked(change_epoch(scene.evidence(), check=stale), segments_damaged=2)


@pytest.mark.parametrize(("intact", "damaged"), [(0, 2), (1, 1), (3, 2), (-1, 2)])
def test_segments_damaged(scene: Releasable, intact: int, damaged: int) -> None:
    check = scene.evidence().epochs[-1].check
    assert check is not None
    evidence = change_epoch(scene.evidence(), check=replace(check, intact=intact))
    blocked(evidence, segments_damaged=damaged)
