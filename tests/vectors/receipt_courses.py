"""The cases of ``receipts/`` that are about the course of events: what can follow what.

Every record in them is signed, proven and true by itself. Of the bad ones, the history alone is.
"""

from __future__ import annotations

from typing import Any

from assent_vault.formats import document, suite
from assent_vault.formats.suite import decode, encode
from vectors.common import meeting
from vectors.receipt_cases import HEADERS, Cases, Story

DAY = 24 * 3_600
OTHER_EVIDENCE = encode(suite.digest(b"other evidence"))


def courses(cases: Cases) -> None:
    for name, story in (
        *_unusual(),
        *_released_and_real(),
        *_given_again(),
        *_destroyed_and_real(),
    ):
        cases.add(f"course: {name}", story.desk.receipt())
    for code, found in (
        ("missing", _missing()),
        ("out-of-order", (*_too_early(), *_too_late(), *_not_released(), *_not_taken_away())),
        ("mismatch", _mismatched()),
    ):
        for name, story in found:
            cases.add(f"course: {name}", story.desk.receipt(), ("records", code))
    _first(cases)


Found = tuple[tuple[str, Story], ...]


def _story(*, recording: bool = True, training: bool = True, wait: int = 0) -> Story:
    return Story(place=meeting(recording=recording, training=training, cooling_off_seconds=wait))


# What is unusual, and can happen.


def _unusual() -> Found:
    again = Story().begin().answer("yes", "unanswered").opened(1)
    again.answer("withdrawn", "unanswered").closed(1).withdrawn().erased()
    again.answer("yes", "unanswered").opened(2).answer("withdrawn", "unanswered").closed(2)
    acted = Story().begin().answer("yes", "yes").opened(1).revoked("recording", "host")
    acted.closed(1).carried_out().erased().answer("yes", "yes").opened(2).closed(2)
    acted.revoked("recording", "administrator").carried_out().erased()
    late = Story().published().created().armed().opened(1).closed(1).opened(2)
    late.enrolled().answer("yes", "no").closed(2).admitted().opened(3).closed(3).ended()
    overlapping = Story().begin().answer("yes", "no").opened(1).opened(2).opened(3)
    overlapping.closed(2).closed(3).closed(1).ended()
    torn = Story().begin().answer("yes", "no").opened(1).ended().closed(1)
    both = Story().begin().answer("yes", "yes").opened(1).answer("yes", "withdrawn")
    both.revoked("recording", "host").closed(1).withdrawn().carried_out().erased()
    at_once = Story().begin().answer("yes", "yes").answer("yes", "withdrawn")
    at_once.answer("withdrawn", "withdrawn").withdrawn(3).withdrawn(2).erased()
    waiting = Story().published().created().revoked("meeting", "host").enrolled().admitted().ended()
    twice = Story().begin().revoked("training", "host").revoked("training", "host")
    armed = Story().published().created().armed(2).armed(3).enrolled().admitted().armed(4)
    removed = Story().begin().answer("yes", "no").removed()
    still = Story().begin().answer("yes", "no").opened(1).answer("withdrawn", "no").closed(1)
    still.withdrawn().answer("yes", "no").opened(2).answer("withdrawn", "no").withdrawn()
    return (
        ("withdrawn, and yes again", again.withdrawn().erased()),
        ("withdrawn twice, and the first is carried out", still.erased().closed(2).erased()),
        ("revoked, and yes again", acted),
        ("let in after the first generations", late),
        ("never let in", Story().published().created().enrolled().answer("yes", "no")),
        ("never let in, and taken back", _at_the_door()),
        ("generations overlap", overlapping),
        ("a generation closed after the end", torn),
        ("withdrawn, and revoked on top", both),
        ("carried out in another order", at_once),
        ("deleted while somebody comes in", waiting),
        ("acted for twice in the same way", twice),
        ("adopted before somebody comes", _adopted_early()),
        ("adopted twice", Story().begin().adopted().ended().adopted("a third vault")),
        ("armed before somebody comes, and stopped, and again", armed.ended()),
        ("removed twice, and then a host", removed.removed(8).certified().ended()),
        ("lost slots, and more of them", Story().hosted().lost(1, (3, 9)).again()),
    )


def _at_the_door() -> Story:
    story = Story().published().created().enrolled()
    return story.answer("yes", "unanswered").answer("withdrawn", "unanswered")


def _adopted_early() -> Story:
    return Story().published().created().adopted().enrolled().admitted().answer("yes", "no")


def _released_and_real() -> Found:
    taken = Story().agreed().released().answer("yes", "withdrawn").withdrawn()
    after = Story().handed_on().answer("withdrawn", "withdrawn").withdrawn().erased()
    acted = Story().handed_on().revoked("recording", "operator").carried_out().erased()
    again = Story().agreed().released().released()
    other = Story().agreed().released().released(evidence=OTHER_EVIDENCE)
    twice = Story().agreed().released().answer("yes", "yes").released(evidence=OTHER_EVIDENCE)
    afterwards = Story().begin().answer("yes", "no").recorded().ended().answer("yes", "yes")
    lost = Story().agreed().released().adopted().answer("withdrawn", "withdrawn").withdrawn()
    waited = _story(wait=DAY).agreed().released()
    waited.desk.wait(_left(waited))
    given = Story().agreed().released()
    return (
        ("released, withdrawn, never exported", taken),
        ("exported, then withdrawn and erased", after),
        ("exported, then taken back by others", acted),
        ("released twice", again.exported()),
        ("released on other evidence", other.exported(evidence=OTHER_EVIDENCE)),
        ("released, and yes once more", twice.exported(evidence=OTHER_EVIDENCE)),
        ("yes after the end", afterwards.released().exported()),
        ("released, and the vault is lost", lost.erased()),
        ("exported, and the vault is lost", Story().handed_on().adopted()),
        ("exported when the wait is just over", waited.exported()),
        ("given to somebody, for something", given.given("An Institute", "Speech · 語")),
        ("given to nobody in particular", Story().agreed().released().given(None, None)),
    )


def _given_again() -> Found:
    """One meeting in several data sets: the next version of one, or for somebody else."""
    another = Story().handed_on().answer("yes", "yes").released(evidence=OTHER_EVIDENCE)
    both = Story().handed_on().again().answer("withdrawn", "withdrawn").withdrawn().erased()
    third = Story().handed_on().again().again(export=encode(bytes(16)))
    waited = _waited().answer("yes", "yes").released(evidence=OTHER_EVIDENCE)
    waited.desk.wait(_left(waited))
    return (
        ("exported, and for somebody else again", Story().handed_on().again()),
        ("exported three times", third),
        ("released after it was exported", Story().handed_on().released()),
        ("exported again after it was released again", Story().handed_on().released().again()),
        ("exported again after a yes once more", another.again(evidence=OTHER_EVIDENCE)),
        ("exported again when the wait is just over", waited.again(evidence=OTHER_EVIDENCE)),
        ("exported again, then withdrawn and erased", both),
        ("exported again, and kept to the end",
            Story().handed_on().again().destroyed().erased(everyone=True)),
    )  # fmt: skip


def _waited() -> Story:
    """Handed on where there is a day to wait, when that was over."""
    story = _story(wait=DAY).agreed().released()
    story.desk.wait(_left(story))
    return story.exported()


def _left(story: Story) -> int:
    """Return the milliseconds until what is logged next is just as late as may be handed on."""
    now = story.desk.items[-1][1]["at"] + 1_000
    ready_at = story.answered_at + story.place.charter.cooling_off_seconds * 1000
    return int(ready_at - now)


def _destroyed_and_real() -> Found:
    answered = Story().kept_to_the_end().answer("withdrawn", "withdrawn")
    raced = Story().handed_on().answer("withdrawn", "withdrawn").destroyed().withdrawn().erased()
    deleted = Story().handed_on().destroyed().revoked("meeting", "host").erased(everyone=True)
    between = Story().handed_on().revoked("meeting", "host").destroyed().erased(everyone=True)
    again = Story().handed_on().answer("withdrawn", "withdrawn").withdrawn().erased()
    return (
        ("destroyed, then withdrawn", answered),
        ("destroyed while it was withdrawn", raced.erased(everyone=True)),
        ("deleted after it was exported", Story().deleted().erased(everyone=True)),
        ("destroyed, then deleted", deleted),
        ("deleted, and its time is over", between),
        ("erased once more, with the rest", again.destroyed().erased().erased(everyone=True)),
        ("destroyed, then adopted", Story().kept_to_the_end().adopted()),
    )


# What is there twice, or not at all.


def _missing() -> Found:
    begun = Story().begin()
    yes = Story().begin().answer("yes", "yes").answer("yes", "withdrawn").withdrawn()
    acted = Story().begin().revoked("training", "host").carried_out()
    outside = Story().published().created().enrolled()
    both = Story().begin().answer("yes", "yes").answer("yes", "withdrawn")
    both.answer("withdrawn", "withdrawn").withdrawn(2)
    return (
        ("the words twice", begun.published()),
        ("the meeting twice", Story().published().created().created().enrolled()),
        ("let in for the first time twice", Story().begin().admitted()),
        ("a generation opened twice", Story().begin().opened(1).opened(1)),
        ("a generation closed twice", Story().begin().recorded().closed(1)),
        ("the first generation is left out", Story().begin().opened(2).closed(2)),
        ("a generation between is left out", Story().begin().recorded().opened(3).closed(3)),
        ("generations in another order", Story().begin().opened(2).opened(1)),
        ("the end of the meeting twice", Story().begin().ended().ended()),
        ("certified twice", Story().begin().certified().certified()),
        ("one act to record twice", Story().begin().armed()),
        ("one act to remove twice", Story().begin().removed().removed()),
        ("one act to record and to remove", Story().begin().removed(1)),
        ("exported twice", Story().handed_on().exported()),
        ("exported, and given to somebody as well", Story().handed_on().given("X", "y")),
        ("exported again, and the first once more", Story().handed_on().again().exported()),
        ("exported again, and that twice", Story().handed_on().again().again()),
        ("carried out twice", yes.withdrawn()),
        ("carried out twice, with another between", both.withdrawn(3).withdrawn(2)),
        ("carried out twice for somebody", acted.carried_out()),
        ("destroyed twice", Story().handed_on().destroyed().destroyed()),
        ("erased for everyone twice", Story().kept_to_the_end().erased(everyone=True)),
        ("recorded, and nobody was let in", outside.recorded()),
        ("ended, and nobody was let in", Story().published().created().enrolled().ended()),
        ("no words", Story().created().enrolled()),
        ("no meeting", Story().published().enrolled()),
    )


# What comes before something that has to come first, or after something that is the end of it.


def _too_early() -> Found:
    hasty = Story().published().created()
    said = hasty.ada.enrol()
    unsaid = Story().begin().answer("yes", "yes")
    late = unsaid.ada.answer("yes", "withdrawn")
    outside = Story().published().created().enrolled().answer("yes", "unanswered")
    outside.answer("withdrawn", "unanswered").withdrawn()
    foreseen = Story().published().created().enrolled().revoked("training", "host")
    unseen = Story().published().created().armed().enrolled().answer("yes", "yes").recorded()
    unsigned = Story().published().created().enrolled().admitted()
    return (
        ("the words after the meeting", Story().created().published().enrolled().admitted()),
        ("enrolled before there was a meeting", Story().published().enrolled().created()),
        ("let in before they enrolled", hasty.admitted(said).enrolled(said)),
        ("a generation before the meeting", Story().published().opened(1).created().enrolled()
            .admitted()),
        ("a generation before a host has signed it", unsigned.opened(1).armed()),
        ("armed before it was created", Story().published().armed().created().enrolled()
            .admitted()),
        ("a host before they enrolled", Story().published().created().certified().enrolled()
            .admitted()),
        ("removed before they enrolled", Story().published().created().removed().enrolled()
            .admitted()),
        ("slots lost before they were released", Story().agreed().lost(1).released()),
        ("ended before it was created", Story().published().ended().created().enrolled()
            .admitted()),
        ("adopted before it was created", Story().published().adopted().created().enrolled()
            .admitted()),
        ("deleted before it was created", Story().published().revoked("meeting", "host").created()
            .enrolled().admitted()),
        ("a generation closed before it was opened", Story().begin().closed(1).opened(1)),
        ("withdrawn before it was said", unsaid.withdrawn(2, late).answered(late)),
        ("carried out before they were let in", outside.admitted()),
        ("acted for before they were let in", foreseen.admitted()),
        ("released before they were let in", unseen.ended().released().admitted()),
    )  # fmt: skip


def _too_late() -> Found:
    begun = Story().published().created().enrolled().answer("yes", "yes")
    return (
        ("let in after the end", begun.ended().admitted()),
        ("a generation opened after the end", Story().begin().ended().recorded()),
        ("a generation opened after it was destroyed", Story().handed_on().destroyed().opened(2)),
        ("released after it was destroyed", Story().handed_on().destroyed().released()),
        ("certified after the end", Story().begin().ended().certified()),
        ("armed after the end", Story().begin().ended().armed(2)),
        ("removed after the end", Story().begin().ended().removed()),
        ("slots lost after it was destroyed", Story().handed_on().destroyed().lost(1)),
    )


def _not_released() -> Found:
    """A release, or an export, that the gate cannot have let through."""

    def begun(*answers: tuple[str, str]) -> Story:
        story = Story().begin()
        for each in answers:
            story.answer(*each)
        return story.recorded()

    yes = ("yes", "yes")
    taken = ("yes", "withdrawn")
    again = (("yes", "unanswered"), ("withdrawn", "unanswered"), yes)
    acted = begun(yes).revoked("recording", "host").answer(*yes).ended()
    deleted = begun(yes).ended().revoked("meeting", "host")
    return (
        ("released before the end", begun(yes).released()),
        ("released while a generation is open", begun(yes).opened(2).ended().released()),
        ("released, and nothing was recorded", Story().begin().answer(*yes).ended().released()),
        ("released before anything was answered", begun().ended().released()),
        ("released with a no", begun(("yes", "no")).ended().released()),
        ("released without an answer about training",
            begun(("yes", "unanswered")).ended().released()),
        ("released before the yes", begun(("yes", "no")).ended().released().answer(*yes)),
        ("released after training was withdrawn", begun(yes, taken).ended().released()),
        ("released after recording was withdrawn, and yes again",
            begun(*again).ended().released()),
        ("released after others have taken it back, and yes again", acted.released()),
        ("released after it was deleted", deleted.released()),
        ("released after it was adopted", Story().agreed().adopted().released()),
        ("exported without a release", Story().agreed().exported()),
        ("exported, and then released", Story().agreed().exported().released()),
        ("exported after it was withdrawn",
            Story().agreed().released().answer(*taken).exported()),
        ("exported after it was withdrawn and carried out",
            Story().agreed().released().answer(*taken).withdrawn().exported()),
        ("exported after others have taken it back",
            Story().agreed().released().revoked("training", "operator").exported()),
        ("exported after it was adopted", Story().agreed().released().adopted().exported()),
        ("exported again after it was withdrawn",
            Story().handed_on().answer(*taken).again()),
        ("exported again after it was withdrawn and carried out",
            Story().handed_on().answer(*taken).withdrawn().again()),
        ("exported again after others have taken it back",
            Story().handed_on().revoked("training", "operator").again()),
        ("exported again after others have taken it back, and that was carried out",
            Story().handed_on().revoked("training", "host").carried_out().again()),
        ("exported again after it was deleted", Story().deleted().again()),
        ("exported again after it was destroyed", Story().kept_to_the_end().again()),
        ("exported again after it was adopted", Story().handed_on().adopted().again()),
    )  # fmt: skip


def _not_taken_away() -> Found:
    """What the vault cannot have seen gone, or have destroyed."""
    training = Story().begin().answer("yes", "yes").answer("yes", "withdrawn").withdrawn()
    acted = Story().begin().answer("yes", "yes").revoked("training", "host").carried_out()
    ordered = Story().begin().answer("yes", "no").opened(1).answer("withdrawn", "no")
    early = Story().begin().answer("yes", "no").answer("withdrawn", "no")
    return (
        ("erased, and nothing was taken back", Story().begin().answer("yes", "no").erased()),
        ("erased, and training alone was withdrawn", training.erased()),
        ("erased, and training alone was revoked", acted.erased()),
        ("erased before the vault has heeded it", early.erased().withdrawn()),
        ("erased while a generation of theirs is open", ordered.withdrawn().erased().closed(1)),
        ("erased for everyone, and not destroyed", Story().handed_on().erased(everyone=True)),
        ("erased for everyone before it was destroyed",
            Story().handed_on().erased(everyone=True).destroyed()),
        ("destroyed, and never exported", Story().agreed().destroyed()),
        ("destroyed before it was exported", Story().agreed().released().destroyed().exported()),
        ("deleted, and nobody has done it", Story().handed_on().destroyed("deleted")),
        ("deleted, and it was a yes that was taken back",
            Story().handed_on().revoked("training", "host").destroyed("deleted")),
        ("deleted before somebody has done it",
            Story().handed_on().destroyed("deleted").revoked("meeting", "host")),
    )  # fmt: skip


# What says something else than what came before.


def _mismatched() -> Found:
    def acted(**changes: Any) -> Story:
        return Story().begin().answer("yes", "yes").revoked("training", "host", **changes)

    deleted = Story().begin().answer("yes", "yes").revoked("meeting", "host")
    unrecorded = _story(recording=False, training=False).begin().recorded()
    untrained = _story(training=False).begin().answer("yes", "unanswered").recorded().ended()
    unexported = _story(training=False).begin().answer("yes", "unanswered").recorded().ended()
    waits = _story(wait=DAY).agreed()
    hurried = _story(wait=DAY).agreed().released()
    hurried.desk.wait(_left(hurried) - 1)
    still = Story().begin().answer("yes", "yes").answer("yes", "withdrawn")
    unaware = Story().agreed()
    unaware_size = len(unaware.desk.log.entries) - 1
    blind = Story().agreed().released()
    blind_size = len(blind.desk.log.entries) - 1
    soon = _waited().answer("yes", "yes").released(evidence=OTHER_EVIDENCE)
    soon.desk.wait(_left(soon) - 1)
    late = Story().handed_on()
    late_size = len(late.desk.log.entries) - 1
    return (
        ("recorded where that is not offered", unrecorded),
        ("released where training is not offered", untrained.released()),
        ("exported where training is not offered", unexported.exported()),
        ("released without the last of what came before", unaware.released(size=unaware_size)),
        ("exported without the last of what came before", blind.exported(size=blind_size)),
        ("released too early", waits.released(ready_at=waits.answered_at + DAY * 1000 - 1)),
        ("exported too early", hurried.exported()),
        ("exported on other evidence",
            Story().agreed().released().exported(evidence=OTHER_EVIDENCE)),
        ("exported on evidence of before",
            Story().agreed().released().released(evidence=OTHER_EVIDENCE).exported()),
        ("exported again too early", soon.again(evidence=OTHER_EVIDENCE)),
        ("exported again on other evidence",
            Story().handed_on().again(evidence=OTHER_EVIDENCE)),
        ("exported again on evidence of before",
            Story().handed_on().released(evidence=OTHER_EVIDENCE).again()),
        ("exported again without the last of what came before", late.again(size=late_size)),
        ("carried out with an answer that takes nothing back",
            still.answer("yes", "withdrawn").withdrawn(3)),
        ("carried out with a yes", Story().begin().answer("yes", "yes").withdrawn(1)),
        ("carried out, and then acted for", _backwards()),
        ("carried out what nobody did", acted().carried_out(answer=encode(bytes(32)))),
        ("carried out at another answer", acted().carried_out(sequence=0)),
        ("a deletion is carried out as if it were for her", deleted.carried_out()),
        ("an act about more answers than there were", acted(sequence=2)),
        ("an act about fewer answers than there were", acted(sequence=0)),
        ("a generation closed with another header",
            Story().begin().opened(1).closed(1, header=HEADERS[3])),
        ("a generation that a page has made", Story().begin().opened(1, committer=HEADERS[0])),
        ("a generation that pages have accepted",
            Story().begin().opened(1).closed(1, accepts=HEADERS[0])),
        ("slots lost that were never recorded", Story().agreed().released().lost(2)),
    )  # fmt: skip


def _backwards() -> Story:
    """The vault has carried out what others do only then."""
    story = Story().begin().answer("yes", "yes")
    at = story.desk.items[-1][1]["entry"]["at"] + 2_000
    values = {**story.of_person, "purpose": "training", "sequence": 1, "by": "host", "at": at}
    act = encode(suite.digest(document.write({"type": "assent/entry/revoked/v1", **values})))
    story.desk.record("withdrawn", **story.of_person, sequence=1, answer=act)
    story.revoked("training", "host")
    assert act == encode(suite.digest(decode(story.desk.items[-1][1]["record"])))
    return story


def _first(cases: Cases) -> None:
    """Of several failures the one that is found first."""
    elsewhere = Story().begin().ended().opened(1)
    elsewhere.desk.record("ended", meeting=encode(bytes(16)))
    cases.add(
        "course: a record that is wrong by itself comes first",
        elsewhere.desk.receipt(),
        ("records", "mismatch"),
    )
    swapped = Story().published().created().enrolled().recorded().desk.receipt()
    swapped["entries"].reverse()
    cases.add(
        "course: the order of the file comes before what is missing",
        swapped,
        ("records", "out-of-order"),
    )
    incomplete = Story().published().created().enrolled().ended().opened(1)
    cases.add(
        "course: what is missing comes before the course",
        incomplete.desk.receipt(),
        ("records", "missing"),
    )
    two = Story().begin().ended().opened(1).ended()
    cases.add(
        "course: the first in the row counts", two.desk.receipt(), ("records", "out-of-order")
    )
    both = Story().agreed().adopted().released(ready_at=0)
    cases.add(
        "course: the first condition of a record counts",
        both.desk.receipt(),
        ("records", "out-of-order"),
    )
    header = Story().begin().ended().opened(2)
    cases.add(
        "course: a number that is left out comes before the end",
        header.desk.receipt(),
        ("records", "missing"),
    )
