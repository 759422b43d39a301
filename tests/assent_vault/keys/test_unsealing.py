"""Opening: everybody's key or nothing; every byte where it was, or nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import pytest
from assent_vault.formats.epoch import Header, Shares

from assent_vault.errors import FormatError, SealError, VaultError
from assent_vault.formats import closing as closings
from assent_vault.formats import epoch, segment, statement, suite
from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.statement import Answer, Enrolment
from assent_vault.formats.suite import digest
from assent_vault.formats.track import Track
from assent_vault.keys import unsealing
from support.releasable import RecordedEpoch, Releasable, Said, make_header, record

SCENE = Releasable()
CHARTER = SCENE.meeting.charter
VAULT = SCENE.meeting.vault_private
EPOCH = SCENE.epochs[0]
SHARES = epoch.parse_shares(EPOCH.shares, EPOCH.header)
TRAINS = {said.person.id: said.person.train for said in SCENE.said}


def believed(said: Said) -> tuple[Enrolment, Answer]:
    """Verify a person's enrolment and answers; return it and the last of them."""
    enrolment = statement.verify_enrolment(said.enrolment.body, said.enrolment.signature, CHARTER)
    answer = None
    for each in said.answers:
        answer = statement.verify_answer(
            each.body, each.signature, enrolment, CHARTER, answer, each.sealed
        )
    assert answer is not None
    return enrolment, answer


def grant(said: Said) -> bytes:
    sealed = said.answers[-1].sealed
    assert sealed is not None
    return sealed


# Grants.


def test_grant_gives_the_persons_key() -> None:
    for said in SCENE.said:
        assert unsealing.open_grant(grant(said), VAULT, *believed(said)) == said.person.train


def test_grant_is_for_this_vault_person_and_words() -> None:
    ada, bo = SCENE.said[:2]
    enrolment, answer = believed(ada)
    calls: list[Callable[[], bytes]] = [
        lambda: unsealing.open_grant(grant(ada), os.urandom(32), enrolment, answer),
        lambda: unsealing.open_grant(grant(bo), VAULT, enrolment, answer),
        lambda: unsealing.open_grant(grant(ada), VAULT, *believed(bo)),
        lambda: unsealing.open_grant(
            grant(ada), VAULT, enrolment, replace(answer, notice=bytes(32))
        ),
        lambda: unsealing.open_grant(
            grant(ada), VAULT, replace(enrolment, meeting=bytes(16)), answer
        ),
    ]
    for call in calls:
        with pytest.raises(SealError):
            call()


@pytest.mark.parametrize("length", [0, 31, 32, 33])
def test_grant_of_another_key(length: int) -> None:
    """A person can put anything in the box; only the key they enrolled counts."""
    enrolment, answer = believed(SCENE.ada)
    assert SCENE.meeting.vault_key is not None
    info = suite.grant_info(CHARTER.meeting, enrolment.person, answer.notice)
    box = suite.seal(SCENE.meeting.vault_key.key, bytes(length), info)
    with pytest.raises(SealError):
        unsealing.open_grant(box, VAULT, enrolment, answer)


# Epochs.


def test_everyones_key_opens_the_epoch() -> None:
    found = unsealing.recover_training_epoch_key(EPOCH.header, SHARES, VAULT, TRAINS)
    assert found == EPOCH.key


@pytest.mark.parametrize("absent", range(3))
def test_without_any_single_key_it_stays_closed(absent: int) -> None:
    """Also without the key of Cy, who was never recorded."""
    who = SCENE.said[absent].person.id
    without = {person: key for person, key in TRAINS.items() if person != who}
    for trains in (without, without | {who: os.urandom(32)}, without | {who: VAULT}):
        with pytest.raises(SealError):
            unsealing.recover_training_epoch_key(EPOCH.header, SHARES, VAULT, trains)


def test_without_the_vaults_key_it_stays_closed() -> None:
    with pytest.raises(SealError):
        unsealing.recover_training_epoch_key(EPOCH.header, SHARES, os.urandom(32), TRAINS)


def test_shares_of_another_epoch() -> None:
    other = SCENE.epochs[1]
    with pytest.raises(SealError):
        unsealing.recover_training_epoch_key(other.header, SHARES, VAULT, TRAINS)
    with pytest.raises(SealError):
        SCENE.bo.person.open_watch(other.header, SHARES)
    # Even relabelled: each box is bound to its header.
    relabelled = replace(SHARES, header=other.header.digest)
    with pytest.raises(SealError):
        unsealing.recover_training_epoch_key(other.header, relabelled, VAULT, TRAINS)
    with pytest.raises(SealError):
        SCENE.bo.person.open_watch(other.header, relabelled)


def test_shares_that_change_places() -> None:
    assert SHARES.training is not None
    people = SHARES.training.people[::-1]
    swapped = replace(SHARES, training=replace(SHARES.training, people=people))
    with pytest.raises(SealError):
        unsealing.recover_training_epoch_key(EPOCH.header, swapped, VAULT, TRAINS)


def test_share_of_a_wrong_length() -> None:
    assert SHARES.training is not None
    person = EPOCH.header.people[0]
    info = suite.share_info(EPOCH.header.digest, person.id)
    short = suite.seal(person.train, bytes(31), info)
    people = (short, *SHARES.training.people[1:])
    shares = replace(SHARES, training=replace(SHARES.training, people=people))
    with pytest.raises(SealError):
        unsealing.recover_training_epoch_key(EPOCH.header, shares, VAULT, TRAINS)


def test_epoch_that_was_never_to_be_opened() -> None:
    for header, shares in (
        (EPOCH.header, replace(SHARES, training=None)),
        (replace(EPOCH.header, vault=None), SHARES),
    ):
        with pytest.raises(SealError):
            unsealing.recover_training_epoch_key(header, shares, VAULT, TRAINS)


def test_watching() -> None:
    assert SCENE.ada.person.open_watch(EPOCH.header, SHARES) == EPOCH.key
    with pytest.raises(SealError):  # Cy was not there
        SCENE.cy.person.open_watch(EPOCH.header, SHARES)
    with pytest.raises(SealError):  # nor does another's key open Ada's box
        unsealing.open_watch(EPOCH.header, SHARES, SCENE.ada.person.id, SCENE.bo.person.watch)
    with pytest.raises(SealError):  # nor does her other key
        unsealing.open_watch(EPOCH.header, SHARES, SCENE.ada.person.id, SCENE.ada.person.train)


def test_watch_box_of_a_wrong_length() -> None:
    ada = SCENE.ada.person
    info = suite.watch_info(EPOCH.header.digest, ada.id)
    box = suite.seal(suite.xwing_public(ada.watch), bytes(31), info)
    with pytest.raises(SealError):
        ada.open_watch(EPOCH.header, replace(SHARES, watch={ada.id: box}))


# Segments.


def open_all(recorded: RecordedEpoch, key: bytes) -> list[bytes]:
    closing = closings.verify_closing(
        recorded.closing, recorded.closing_signature, CHARTER.server, recorded.header
    )
    by_digest = {digest(data): data for data in recorded.objects}
    return [
        unsealing.open_segment(
            by_digest[entry.digest],
            suite.track_key(key, recorded.header.digest, entry.track),
            recorded.header,
            entry,
        )
        for entry in closing.segments
    ]


def test_segments_open() -> None:
    assert open_all(EPOCH, EPOCH.key) == [b"sound of 0", b"sound of 1"] * 2


def entry_of(data: bytes) -> SegmentEntry:
    return next(entry for entry in EPOCH.entries if entry.digest == digest(data))


DATA = EPOCH.objects[0]
ENTRY = entry_of(DATA)
KEY = suite.track_key(EPOCH.key, EPOCH.header.digest, ENTRY.track)


def relisted(data: bytes, entry: SegmentEntry = ENTRY) -> SegmentEntry:
    """Have the closing list other bytes, as only somebody with the server's key could."""
    return replace(entry, digest=digest(data), size=len(data))


def test_segment_must_be_the_one_listed() -> None:
    for data in (DATA[:-1], DATA + b"\0", bytes(len(DATA)), b""):
        with pytest.raises(SealError):
            unsealing.open_segment(data, KEY, EPOCH.header, ENTRY)
    with pytest.raises(SealError):
        unsealing.open_segment(DATA, KEY, EPOCH.header, replace(ENTRY, size=ENTRY.size + 1))


def test_segment_moved_in_the_row() -> None:
    second = next(
        entry for entry in EPOCH.entries if (entry.track, entry.sequence) == (ENTRY.track, 1)
    )
    with pytest.raises(SealError):
        unsealing.open_segment(DATA, KEY, EPOCH.header, relisted(DATA, second))


def test_segment_moved_to_another_track() -> None:
    other = next(entry for entry in EPOCH.entries if entry.track != ENTRY.track)
    with pytest.raises(SealError):
        unsealing.open_segment(DATA, KEY, EPOCH.header, relisted(DATA, other))


def test_segment_moved_to_another_epoch() -> None:
    with pytest.raises(SealError):
        unsealing.open_segment(DATA, KEY, SCENE.epochs[1].header, ENTRY)


@pytest.mark.parametrize("field", ["start", "end"])
def test_segment_moved_in_time(field: str) -> None:
    value = getattr(ENTRY, field) + 1
    changes: dict[str, int] = {field: value}
    with pytest.raises(SealError):
        unsealing.open_segment(DATA, KEY, EPOCH.header, replace(ENTRY, **changes))  # type: ignore[arg-type]


def test_segment_with_another_header_does_not_decrypt() -> None:
    """With a header that fits the new place, the ciphertext still remembers the old one."""
    header, _, ciphertext = segment.parse_segment(DATA)
    for changed in (
        replace(header, sequence=1),
        replace(header, start=header.start + 1),
        replace(header, codec="vp8"),
        replace(header, header=bytes(32)),
        replace(header, track=str(Track(SCENE.bo.person.id, "screen"))),
    ):
        with pytest.raises(SealError):
            unsealing.decrypt_segment(changed.to_bytes(), ciphertext, KEY)


def test_segment_with_another_key() -> None:
    for key in (bytes(32), EPOCH.key):
        with pytest.raises(SealError):
            unsealing.open_segment(DATA, key, EPOCH.header, ENTRY)


def test_truncation_is_an_error_at_every_length() -> None:
    header, written, _ = segment.parse_segment(DATA)
    plaintext = os.urandom(40_000)  # several chunks, so that some cuts are at their borders
    _, _, ciphertext = segment.parse_segment(segment.seal_segment(header, plaintext, KEY))
    assert unsealing.decrypt_segment(written, ciphertext, KEY) == plaintext
    lengths = {*range(0, len(ciphertext), 977), *range(len(ciphertext) - 200, len(ciphertext))}
    borders = {n * 16_400 + extra for n in range(3) for extra in range(60, 80)}
    for length in lengths | borders:
        if length < len(ciphertext):
            with pytest.raises(SealError):
                unsealing.decrypt_segment(written, ciphertext[:length], KEY)


# Every byte of a small recording: one person, one segment.


SMALL_ADA = SCENE.ada.person
SMALL = record(SCENE.meeting, make_header(SCENE.meeting, [SMALL_ADA.in_header()], 3), segments=1)
SMALL_SHARES = epoch.parse_shares(SMALL.shares, SMALL.header)


def flips(data: bytes) -> list[bytes]:
    """Return ``data`` with each of its bytes changed in turn."""
    return [
        data[:index] + bytes([data[index] ^ 0x01]) + data[index + 1 :] for index in range(len(data))
    ]


def detected(call: Callable[..., object], *args: object) -> bool:
    try:
        call(*args)
    except VaultError:
        return True
    return False


def release(header: Header, shares: Shares) -> bytes:
    return unsealing.recover_training_epoch_key(header, shares, VAULT, TRAINS)


def test_small_recording_opens() -> None:
    """Else the tests below would show nothing."""
    assert open_all(SMALL, SMALL.key) == [b"sound of 0"]
    assert release(SMALL.header, SMALL_SHARES) == SMALL.key
    assert SMALL_ADA.open_watch(SMALL.header, SMALL_SHARES) == SMALL.key


def test_every_byte_of_a_segment() -> None:
    """The closing detects it; and where the closing would list the changed bytes, the seal does."""
    (data,), (entry,) = SMALL.objects, SMALL.entries
    key = suite.track_key(SMALL.key, SMALL.header.digest, entry.track)
    for changed in flips(data):
        assert detected(unsealing.open_segment, changed, key, SMALL.header, entry)
        listed = relisted(changed, entry)
        assert detected(unsealing.open_segment, changed, key, SMALL.header, listed)


def test_every_byte_of_a_header() -> None:
    """The shares name its digest; and relabelled, they do not open."""
    for changed in flips(SMALL.header.body):
        try:
            header = epoch.parse_header(changed)
        except FormatError:
            continue
        assert detected(epoch.parse_shares, SMALL.shares, header)
        relabelled = replace(SMALL_SHARES, header=header.digest)
        assert detected(release, header, relabelled)
        assert detected(SMALL_ADA.open_watch, header, relabelled)


def test_every_byte_of_the_shares() -> None:
    """It does not open for training, or does not for watching: whichever was touched."""
    for changed in flips(SMALL.shares):
        try:
            shares = epoch.parse_shares(changed, SMALL.header)
        except FormatError:
            continue
        assert detected(SMALL_ADA.open_watch, SMALL.header, shares) or detected(
            release, SMALL.header, shares
        )


def test_every_byte_of_a_closing() -> None:
    closing, signature, server = SMALL.closing, SMALL.closing_signature, CHARTER.server
    closings.verify_closing(closing, signature, server, SMALL.header)
    for changed in flips(closing):
        assert detected(closings.verify_closing, changed, signature, server, SMALL.header)
    for changed in flips(signature):
        assert detected(closings.verify_closing, closing, changed, server, SMALL.header)


def test_every_byte_of_a_grant() -> None:
    enrolment, answer = believed(SCENE.ada)
    for changed in flips(grant(SCENE.ada)):
        assert detected(statement.check_sealed, answer, changed)
        assert detected(unsealing.open_grant, changed, VAULT, enrolment, answer)
