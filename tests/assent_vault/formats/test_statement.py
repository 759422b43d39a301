"""Statements, beyond the vectors: no replay, no order but the one, nobody else's.

The vectors have every single step from every state; here are whole histories, drawn at random, and
what somebody could do with statements that were all properly signed once.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_vault.errors import FormatError, SignatureError, StaleStatement, VaultError
from assent_vault.formats import statement
from assent_vault.formats.statement import Answer, Enrolment, Will
from assent_vault.formats.suite import digest, encode, sign
from support.people import Meeting, Person, Signed, make_meeting, person_in

MEETING = make_meeting()
OTHER = make_meeting()
STEPS = st.lists(st.tuples(st.sampled_from(Will), st.sampled_from(Will)), max_size=8)


def enrolled(meeting: Meeting = MEETING) -> tuple[Person, Enrolment]:
    person = person_in(meeting)
    said = person.enrol()
    return person, statement.verify_enrolment(said.body, said.signature, meeting.charter)


ADA, ADA_ENROLMENT = enrolled()
BO, BO_ENROLMENT = enrolled()


def judge(
    said: Signed, previous: Answer | None, enrolment: Enrolment, meeting: Meeting = MEETING
) -> Answer:
    return statement.verify_answer(
        said.body, said.signature, enrolment, meeting.charter, previous, said.sealed
    )


def history(person: Person, steps: list[tuple[Will, Will]]) -> list[Signed]:
    """Have a person say what they may of ``steps``, and leave out the rest."""
    person.last = None
    said: list[Signed] = []
    assert person.enrolment is not None
    for recording, training in steps:
        before: Answer | None = person.last
        box = person.grant() if training is Will.YES else None
        answer = person.raw_answer(recording, training, sealed=box)
        try:
            person.last = judge(answer, before, person.enrolment)
        except FormatError:
            continue
        said.append(answer)
    return said


def accepts(said: list[Signed], enrolment: Enrolment) -> bool:
    previous = None
    try:
        for each in said:
            previous = judge(each, previous, enrolment)
    except VaultError:
        return False
    return True


@given(STEPS)
def test_rules_hold_in_every_history(steps: list[tuple[Will, Will]]) -> None:
    answers = [statement.parse_answer(said.body) for said in history(ADA, steps)]
    recordings = [answer.recording for answer in answers]
    trainings = [answer.training for answer in answers]
    for wills in (recordings, trainings):
        if Will.YES in wills:
            after = wills[wills.index(Will.YES) :]
            assert set(after) <= {Will.YES, Will.WITHDRAWN}
        else:
            assert Will.WITHDRAWN not in wills
    if Will.WITHDRAWN in trainings:
        assert set(trainings[trainings.index(Will.WITHDRAWN) :]) == {Will.WITHDRAWN}
    for answer in answers:
        assert answer.training is not Will.YES or answer.recording is Will.YES
        assert (answer.sealed is not None) == (answer.training is Will.YES)
    assert [answer.sequence for answer in answers] == list(range(1, len(answers) + 1))


@given(STEPS, st.data())
def test_only_the_history_itself_and_its_beginnings(
    steps: list[tuple[Will, Will]], data: st.DataObject
) -> None:
    """Of all rows of a person's own answers, only that in which they were given is believed."""
    said = history(ADA, steps)
    row = data.draw(st.lists(st.sampled_from(said), max_size=8)) if said else []
    assert accepts(row, ADA_ENROLMENT) == (row == said[: len(row)])


@given(STEPS, STEPS, st.data())
def test_nobody_elses_answer_is_ones_own(
    steps: list[tuple[Will, Will]], others: list[tuple[Will, Will]], data: st.DataObject
) -> None:
    mine, theirs = history(ADA, steps), history(BO, others)
    assert accepts(mine, ADA_ENROLMENT)
    assert accepts(theirs, BO_ENROLMENT)
    if theirs:
        where = data.draw(st.integers(0, len(mine)))
        foreign = data.draw(st.sampled_from(theirs))
        assert not accepts([*mine[:where], foreign, *mine[where:]], ADA_ENROLMENT)
        assert not accepts([*mine[:where], foreign], ADA_ENROLMENT)


@given(STEPS, st.data())
def test_every_byte_counts(steps: list[tuple[Will, Will]], data: st.DataObject) -> None:
    said = history(ADA, [*steps, (Will.YES, Will.YES)])
    which = data.draw(st.integers(0, len(said) - 1))
    part = data.draw(st.sampled_from(["body", "signature", "sealed"]))
    value = getattr(said[which], part)
    if value is None:
        return
    index = data.draw(st.integers(0, len(value) - 1))
    flip = data.draw(st.integers(1, 255))
    changed = value[:index] + bytes([value[index] ^ flip]) + value[index + 1 :]
    said[which] = replace(said[which], **{part: changed})
    assert not accepts(said, ADA_ENROLMENT)


def test_same_seed_in_another_meeting_is_somebody_else() -> None:
    """And what was said in one meeting means nothing in another."""
    here = Person(MEETING.charter, MEETING.vault_key, bytes(32))
    there = Person(OTHER.charter, OTHER.vault_key, bytes(32))
    assert here.id != there.id
    said = here.enrol()
    with pytest.raises(FormatError):
        statement.verify_enrolment(said.body, said.signature, OTHER.charter)
    answer = here.answer(Will.YES)
    other = there.enrol()
    enrolment = statement.verify_enrolment(other.body, other.signature, OTHER.charter)
    with pytest.raises(FormatError) as caught:
        judge(answer, None, enrolment, OTHER)
    assert caught.value.field == "meeting"


def test_enrolment_under_another_charter_of_the_meeting_is_not_this_one() -> None:
    """The charter that somebody enrolled under cannot be changed under their feet."""
    narrow = make_meeting(training=False, meeting=MEETING.id)
    said = person_in(narrow).enrol()
    with pytest.raises(FormatError) as caught:
        statement.verify_enrolment(said.body, said.signature, MEETING.charter)
    assert caught.value.field == "charter"


def test_an_answer_is_judged_by_the_charter_and_the_enrolment() -> None:
    person, enrolment = enrolled()
    answer = person.answer(Will.YES)
    with pytest.raises(FormatError):
        judge(answer, None, enrolment, OTHER)
    with pytest.raises(FormatError):
        judge(answer, None, replace(enrolment, meeting=OTHER.id))


def test_same_keys_cannot_be_enrolled_as_another_person() -> None:
    """Another sign key is another person, whatever else is copied."""
    person, enrolment = enrolled()
    stranger = person_in(MEETING)
    said = stranger.enrol(watch=encode(enrolment.watch), train=encode(enrolment.train))
    found = statement.verify_enrolment(said.body, said.signature, MEETING.charter)
    assert found.person == stranger.id != person.id


def test_second_enrolment_begins_another_chain() -> None:
    """The same person at another time: answers to one enrolment do not follow the other."""
    person, enrolment = enrolled()
    said = person.answer(Will.YES)
    again = person.enrol()
    second = statement.verify_enrolment(again.body, again.signature, MEETING.charter)
    assert second.person == enrolment.person
    with pytest.raises(StaleStatement):
        judge(said, None, second)


def test_previous_answer_must_be_the_one_before() -> None:
    person, enrolment = enrolled()
    first = judge(person.answer(Will.YES), None, enrolment)
    second = person.answer(Will.YES, Will.NO)
    other = replace(first, digest=digest(b"another first answer"))
    judge(second, first, enrolment)
    with pytest.raises(StaleStatement) as caught:
        judge(second, other, enrolment)
    assert caught.value.field == "previous"
    with pytest.raises(StaleStatement) as caught:
        judge(second, None, enrolment)
    assert caught.value.field == "sequence"


def test_box_is_looked_at_only_where_asked() -> None:
    person, enrolment = enrolled()
    said = person.answer(Will.YES, Will.YES)
    answer = statement.verify_chained(said.body, said.signature, enrolment, MEETING.charter, None)
    assert said.sealed is not None
    statement.check_sealed(answer, said.sealed)
    for wrong in (None, b"", said.sealed[:-1], said.sealed + b"\0", bytes(len(said.sealed))):
        with pytest.raises(FormatError) as caught:
            statement.check_sealed(answer, wrong)
        assert caught.value.field == "sealed"


def test_box_of_a_wrong_size_is_refused_even_if_it_is_the_one_named() -> None:
    person, enrolment = enrolled()
    said = person.raw_answer(Will.YES, Will.YES, sealed=b"x" * 1169)
    with pytest.raises(FormatError):
        judge(said, None, enrolment)


def test_receipt_request() -> None:
    person, enrolment = enrolled()
    said = person.receipt_request(5)
    found = statement.verify_receipt_request(said.body, said.signature, enrolment)
    assert (found.meeting, found.person, found.at) == (MEETING.id, person.id, 5)
    assert found.digest == digest(said.body)
    with pytest.raises(FormatError):
        statement.verify_receipt_request(said.body, said.signature, BO_ENROLMENT)
    with pytest.raises(SignatureError):
        statement.verify_receipt_request(said.body, bytes(64), enrolment)
    with pytest.raises(FormatError):
        statement.verify_receipt_request(
            said.body, said.signature, replace(enrolment, meeting=OTHER.id)
        )


@pytest.mark.parametrize(
    ("type_", "most"),
    [
        (statement.ENROL_TYPE, statement.MAX_ENROL_BYTES),
        (statement.ANSWER_TYPE, statement.MAX_ANSWER_BYTES),
        (statement.RECEIPT_REQUEST_TYPE, statement.MAX_RECEIPT_REQUEST_BYTES),
    ],
)
def test_sizes_are_limited(type_: str, most: int) -> None:
    person, enrolment = enrolled()
    body = {
        statement.ENROL_TYPE: lambda: enrolment.body,
        statement.ANSWER_TYPE: lambda: person.answer(Will.YES).body,
        statement.RECEIPT_REQUEST_TYPE: lambda: person.receipt_request().body,
    }[type_]()
    parse = {
        statement.ENROL_TYPE: statement.parse_enrolment,
        statement.ANSWER_TYPE: statement.parse_answer,
        statement.RECEIPT_REQUEST_TYPE: statement.parse_receipt_request,
    }[type_]
    full = body[:-1] + b" " * (most - len(body)) + b"}"
    with pytest.raises(FormatError, match="document: is not spelled"):
        parse(full)
    with pytest.raises(FormatError, match="document: is over"):
        parse(full + b" ")


def test_a_signature_is_for_one_type() -> None:
    """An enrolment's bytes with an answer's signature prove nothing, whoever signed."""
    body = ADA_ENROLMENT.body
    for type_ in (statement.ANSWER_TYPE, statement.RECEIPT_REQUEST_TYPE, "", "assent/enrol/v1\0"):
        with pytest.raises(SignatureError):
            statement.verify_enrolment(body, sign(ADA.sign, type_, body), MEETING.charter)
