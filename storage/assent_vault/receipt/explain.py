"""What came of the checks, in plain words: lines for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from assent_vault.formats.frame_key import SLOT_MS
from assent_vault.formats.suite import encode
from assent_vault.ledger.entry import (
    Admitted,
    Adopted,
    Answered,
    Destroyed,
    Ended,
    Enrolled,
    Erased,
    Exported,
    ExportedFor,
    GenerationClosed,
    GenerationOpened,
    HostArmed,
    HostCertified,
    MeetingCreated,
    NoticePublished,
    PersonRemoved,
    Record,
    Released,
    Revoked,
    SlotsLost,
    Withdrawn,
)
from assent_vault.receipt.check import Believed, CheckState, Pins, ReceiptCheck, Verdict

# What each check has found where it holds.
_HOLDS: Final = {
    "file": "The file is a receipt, and no part of it is missing.",
    "charter": "It says what could be asked in the meeting, and which keys vouch for it.",
    "server": "The server is the one that you named.",
    "vault": "The vault is the one that you named.",
    "words": "The words of the notice are, letter for letter, those that were in force.",
    "vault-key": "The key that a yes to training is sealed to is the vault's own.",
    "enrolment": "The person's browser signed on entering, with a key that nobody else had.",
    "answers": "Every answer is signed by that same key, each follows the one before, none between "
    "them is missing, and all are to words in force.",
    "records": "What the log says of this person and this meeting is what was signed, in order.",
    "log": "The log is the one that this server vouches for.",
    "acknowledgements": "The server has signed for every statement in this file, with its place in "
    "the log.",
    "heads": "The log's own key has signed how the log stood, and all proofs are of that one head.",
    "inclusion": "Every entry is at its place under that head.",
}
_OWN_WORD: Final = {
    "server": "The server's key is the one that the file itself names; compare it below.",
    "vault": "The vault's key is the one that the file itself names; compare it below.",
}
_ABOUT: Final = {
    "file": "the file",
    "charter": "what could be asked in the meeting",
    "server": "the server's key",
    "vault": "the vault's key",
    "words": "the words of the notice",
    "vault-key": "the vault's key for this meeting",
    "enrolment": "what the person signed on entering",
    "answers": "the answers",
    "records": "what the log says",
    "log": "which log it is",
    "acknowledgements": "what the server signed for",
    "heads": "how the log stood",
    "inclusion": "the places in the log",
}
_FAILS: Final = {
    "not-a-receipt": "This is no receipt, or it is damaged or cut short.",
    "bad-document": "A part cannot be read as what it should be: it is damaged or was changed.",
    "other-key": "The key is another one than it should be.",
    "other-languages": "A language of the notice is missing, or there is one too many.",
    "other-words": "The words are not those that were agreed to: the text was changed.",
    "other-meeting": "It belongs to another meeting.",
    "bad-signature": "A signature does not fit: something was changed, or somebody else signed.",
    "bad-statement": "A statement says what it must not, or is somebody else's.",
    "notice-not-in-force": "A statement is to words that were not in force in this meeting.",
    "stale-statement": "The answers do not follow one another: one is missing, or out of place.",
    "mismatch": "Two parts that belong together say different things.",
    "out-of-order": "Things stand in the log in an order in which they cannot have happened.",
    "missing": "Something that must be there is missing, or is there twice.",
    "other-log": "It is from another log than this server's.",
    "split-view": "The log has shown two different histories. This is proof against its keeper.",
    "not-witnessed": "A witness that you named has not signed.",
    "not-in-log": "An entry is not in the log at the place where it should be.",
}
_ACTORS: Final = {
    "host": "The host",
    "administrator": "An administrator",
    "operator": "Whoever runs the server",
}
_ACTS: Final = {
    "training": "took back the person's yes to training, for them",
    "recording": "took back the person's yes to recording and training, for them",
    "meeting": "deleted the whole meeting",
}
_MARKS: Final = {
    CheckState.HOLDS: "holds    ",
    CheckState.OWN_WORD: "own word ",
    CheckState.FAILS: "FAILS    ",
    CheckState.NOT_MADE: "not made ",
}


def explain(verdict: Verdict, pins: Pins) -> Iterator[str]:
    """Yield the lines of a report: check by check, the keys, what it says, and the verdict."""
    for check in verdict.checks:
        yield f"  {_MARKS[check.state]} {check.name + ':':18}{sentence(check)}"
    yield ""
    yield from _keys(verdict, pins)
    if verdict.believed is not None:
        yield from _story(verdict.believed)
    yield "IT HOLDS." if verdict.holds else "IT DOES NOT HOLD. Do not rely on anything in it."
    if verdict.holds:
        yield "What others were shown, and what was logged later, one receipt cannot tell."
    if verdict.holds and CheckState.OWN_WORD in {check.state for check in verdict.checks}:
        yield (
            "But only as far as the file itself says: these are the keys that the file itself "
            "names. Compare them with keys that you have from elsewhere, or give them with "
            "--server-key and --vault-key."
        )


def sentence(check: ReceiptCheck) -> str:
    """Return what one check has found, in one sentence; a failure with its code."""
    if check.state is CheckState.HOLDS:
        return _HOLDS[check.name]
    if check.state is CheckState.OWN_WORD:
        return _OWN_WORD[check.name]
    if check.code is None:
        return f"Not looked at, for something that it needs has failed ({_ABOUT[check.name]})."
    return f"{_FAILS[check.code]} [{check.code}]{_blame(check)}"


def _blame(check: ReceiptCheck) -> str:
    if check.item is None:
        return ""
    if check.name in ("enrolment", "answers", "acknowledgements"):
        return f" (statement {check.item})"
    return f" (entry {check.item})"


def fingerprint(key: bytes) -> str:
    """Return a key as people compare it: groups of four hexadecimal digits."""
    text = key.hex()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def _keys(verdict: Verdict, pins: Pins) -> Iterator[str]:
    if verdict.charter is None:
        return
    yield "Checked against these keys:"
    for name, key, pin in (
        ("server", verdict.charter.server, pins.server),
        ("vault", verdict.charter.vault, pins.vault),
    ):
        yield f"  {name:7} {fingerprint(key)}"
        if pin is None:
            yield f"  {'':7} named by the file itself"
        elif pin != key:
            yield f"  {'':7} NOT the one you gave: {fingerprint(pin)}"
        else:
            yield f"  {'':7} the one you gave"
    for witness in pins.witnesses:
        yield f"  witness {witness.name}"
    yield ""


def _story(believed: Believed) -> Iterator[str]:
    yield f"Meeting {encode(believed.charter.meeting)}, person {encode(believed.enrolment.person)}."
    yield f"Log {believed.log.log.name}, as it stood with {believed.head.size} entries."
    for each in sorted(believed.records, key=lambda logged: logged.index):
        yield f"  {time(each.record.at)}  {_event(each.record, believed)}"
    yield ""


def _event(record: Record, believed: Believed) -> str:
    match record:
        case NoticePublished():
            return f"The notice was published, version {record.version}."
        case MeetingCreated():
            return "The meeting was created."
        case Enrolled():
            return "The person was asked, and signed on entering."
        case Admitted():
            return "The person was let in."
        case Answered():
            answer = believed.answers[record.sequence - 1]
            return (
                f"Answer {record.sequence}: recording {answer.recording}, training "
                f"{answer.training} (words in {answer.language!r})."
            )
        case HostCertified():
            return "The person has shown that they are a host."
        case HostArmed():
            return "A host has signed whether it is to be recorded."
        case PersonRemoved():
            return "A host has signed that the person is removed."
        case GenerationOpened():
            return f"Stretch {record.number} of the recording began."
        case GenerationClosed():
            return f"Stretch {record.number} of the recording ended."
        case Ended():
            return "The meeting ended."
        case Withdrawn():
            if any(record.answer == each.digest for each in believed.answers):
                return f"The vault carried out what answer {record.sequence} takes back."
            return "The vault carried out what was taken back for the person."
        case Revoked():
            return f"{_ACTORS[record.by]} {_ACTS[record.purpose]}."
        case Erased(person=None):
            return "The recording was erased."
        case Erased():
            return "What was recorded of the person was erased."
        case Released():
            return f"The recording was released for training, from {time(record.ready_at)} on."
        case ExportedFor():
            given = "" if record.recipient is None else f", given to “{record.recipient}”"
            given += "" if record.purpose is None else f", for “{record.purpose}”"
            return f"The recording was exported, in data set {encode(record.export)}{given}."
        case Exported():
            return f"The recording was exported, in data set {encode(record.export)}."
        case SlotsLost():
            return f"{_seconds(record)} seconds of the recording could not be opened any more."
        case Adopted():
            return (
                "The meeting's vault, or what it knew, was lost. Since then the vault"
                f" {fingerprint(record.vault)} takes away what is to be taken away. It can never"
                " release the recording."
            )
        case Destroyed():
            return f"The meeting was destroyed ({record.reason})."
        case _:
            raise AssertionError("every kind of record has its sentence")


def _seconds(record: SlotsLost) -> int:
    return sum(last - first + 1 for first, last in record.slots) * SLOT_MS // 1000


def time(milliseconds: int) -> str:
    """Return a time in UTC; a receipt may hold any number up to 2^53."""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, ValueError, OSError):
        return f"{milliseconds} ms"
