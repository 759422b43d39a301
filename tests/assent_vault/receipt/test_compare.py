"""Receipts that hold one by one, and what they show together."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import pytest

from assent_vault.errors import LogError
from assent_vault.formats.suite import decode, digest, encode
from assent_vault.receipt import check
from assent_vault.receipt.compare import Compared, HeldReceipt, compare, compare_with
from assent_vault.receipt.served import Served
from support.paper_log import PaperLog
from support.receipts import ORIGIN, Desk, Json, key_of, written
from vectors.common import person
from vectors.receipt_cases import NOTICES, Story


def held(name: str, receipt: Json) -> HeldReceipt:
    """Return a receipt that holds by itself."""
    verdict = check(written(receipt))
    assert verdict.believed is not None, verdict.failures
    return HeldReceipt(name, verdict.believed)


def codes(compared: Compared) -> list[str]:
    return [each.code for each in compared.disagreements]


def another(desk: Desk, name: str = "Bo") -> Desk:
    """Return the desk of somebody else in the same meeting and log, who enrols and is let in."""
    other = Desk(desk.meeting, person(desk.meeting, name), NOTICES, desk.log)
    other._count = 1000
    other._items = [(kind, item) for kind, item in desk.items if _is_shared(kind, item)]
    said = other.person.enrol()
    other.enrol(said)
    of_person = {"meeting": encode(desk.meeting.id), "person": encode(other.person.id)}
    other.record("admitted", **of_person, enrolment=encode(digest(said.body)))
    return other


def _is_shared(kind: str, item: Json) -> bool:
    return kind == "entry" and b'"person"' not in decode(item["record"])


def _is_for_everybody(record: bytes) -> bool:
    """Whether it is in the receipt of whoever was never let in, too."""
    return record.startswith((b'{"type":"assent/entry/notice/', b'{"type":"assent/entry/meeting/'))


def test_two_of_one_person_agree() -> None:
    story = Story().begin().answer("yes", "unanswered")
    before = held("before", story.desk.receipt())
    story.answer("withdrawn", "unanswered")
    after = held("after", story.desk.receipt())
    for pair in ([before, after], [after, before]):
        compared = compare(pair)
        assert codes(compared) == []
        (said,) = compared.looked_at
        assert "the person's statements" in said
        (other,) = compared.not_looked_at
        assert "whether one grew from the other was not compared" in other
    assert compare([after, held("again", story.desk.receipt())]).not_looked_at == ()


def test_a_log_that_was_written_anew() -> None:
    """As in the attack: somebody's entries are gone, and all others stand further in front."""
    story = Story().begin().answer("yes", "unanswered").answer("withdrawn", "unanswered")
    before = held("before", story.desk.receipt())
    for more in (0, 2, 40):
        rewritten = story.desk.without(5, 6)
        rewritten.others(more)
        after = held("after", rewritten.receipt())
        found = compare([before, after]).disagreements
        assert {each.code for each in found} == {"split-view", "other-index"}
        assert (more == 2) == (before.head.size == after.head.size)
        # Which of them is the older one, to go by its size, is the liar's to choose.
        places = [
            "index 12 in before, and at 10 in after",
            "index 10 in after, and at 12 in before",
        ]
        what = [each.what for each in found if each.what.startswith("Statement 2 ")]
        expected = {0: places[1:], 2: places, 40: places[:1]}[more]
        assert what == [f"Statement 2 stands at {place}." for place in expected]


def test_another_entry_in_one_place() -> None:
    story = Story().begin().answer("yes", "unanswered").answer("yes", "no")
    ada = held("ada", story.desk.receipt())
    # Bo's place in the log is one that Ada's receipt has for something else.
    other = story.desk.without(11, 12)
    other._items = [each for each in other._items if _is_shared(*each)]
    bo = held("bo", another(other).receipt())
    found = compare([ada, bo]).disagreements
    assert [each.code for each in found] == ["split-view"] * 3
    assert [each.what for each in found][1:] == [
        f"Entry {index} is another one in ada than in bo." for index in (11, 12)
    ]


def test_two_heads_of_one_size() -> None:
    story = Story().begin()
    one = held("one", story.desk.receipt())
    other = copy.copy(story.desk)
    other.log = PaperLog(ORIGIN, story.desk.log.key)
    other.log.entries = [digest(b"somebody else's"), *story.desk.log.entries[1:]]
    assert codes(compare([one, held("other", other.receipt())])) == ["split-view"]


def test_two_people_of_one_meeting_agree() -> None:
    story = Story().begin().opened(1)
    ada = held("ada", story.desk.receipt())
    desk = another(story.desk)
    bo = held("bo", desk.receipt())
    compared = compare([ada, bo])
    assert codes(compared) == []
    assert "what was logged of the meeting for everybody" in compared.looked_at[0]


def test_what_is_left_out() -> None:
    story = Story().begin().answer("yes", "unanswered").answer("withdrawn", "unanswered").opened(1)
    older = held("older", story.desk.receipt())
    story.desk.others(1)
    newer = story.desk.receipt()
    cut = copy.deepcopy(newer)
    cut["statements"].pop()
    assert codes(compare([older, held("newer", cut)])) == ["missing"]
    # Of one size, neither is the older one.
    same = copy.deepcopy(newer)
    same["statements"].pop()
    pair = [held("newer", newer), held("same", same)]
    assert codes(compare(pair)) == codes(compare(pair[::-1])) == ["missing"]
    # What everybody has.
    cut = copy.deepcopy(newer)
    cut["entries"].pop()
    assert codes(compare([older, held("newer", cut)])) == ["missing"]
    # An older one need not have it.
    story.desk.others(1)
    assert codes(compare([held("cut", cut), held("newest", story.desk.receipt())])) == []


def test_whoever_was_not_let_in_has_less() -> None:
    story = Story().begin().opened(1)
    ada = held("ada", story.desk.receipt())
    desk = Desk(story.place, person(story.place, "Bo"), NOTICES, story.desk.log)
    desk._count = 1000
    desk._items = [
        (kind, item)
        for kind, item in story.desk.items
        if _is_shared(kind, item) and _is_for_everybody(decode(item["record"]))
    ]
    desk.enrol(desk.person.enrol())
    assert codes(compare([ada, held("bo", desk.receipt())])) == []


def test_two_logs_of_one_server() -> None:
    one = Story().begin()
    other = Story()
    other.desk.log = PaperLog("meet.example/log2", key_of("log key"))
    third = Story()
    third.desk.log = PaperLog(ORIGIN, key_of("another key"))
    for each in (other, third):
        pair = [held("one", one.desk.receipt()), held("other", each.begin().desk.receipt())]
        assert codes(compare(pair)) == ["other-log"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda log: log.entries.extend([digest(b"more")] * 3), None),
        (lambda log: None, None),
        (lambda log: log.entries.pop(), "smaller"),
        (lambda log: log.entries.__setitem__(0, digest(b"another")), "split-view"),
        (
            lambda log: log.entries.__setitem__(slice(0, 1), [digest(b"one"), digest(b"more")]),
            "not-grown",
        ),
    ],
)
def test_a_log_as_it_is_now(
    tmp_path: Path, change: Callable[[PaperLog], object], code: str | None
) -> None:
    story = Story().begin().answer("yes", "unanswered")
    first = held("first", story.desk.receipt())
    story.answer("withdrawn", "unanswered")
    second = held("second", story.desk.receipt())
    now = PaperLog(ORIGIN, story.desk.log.key)
    now.entries = list(story.desk.log.entries)
    change(now)
    served = Served(str(now.serve(tmp_path / "log")))
    for receipts in ([second], [second, first]):
        found = codes(compare_with(served, receipts))
        assert code in found if code else found == []
    assert compare_with(served, [second]).looked_at


def test_a_log_that_shows_nothing(tmp_path: Path) -> None:
    story = Story().begin()
    receipt = held("receipt", story.desk.receipt())
    with pytest.raises(FileNotFoundError):
        compare_with(Served(str(tmp_path)), [receipt])
    served = Served(str(story.desk.log.serve(tmp_path / "log")))
    story.desk.others(3)
    (tmp_path / "log" / "checkpoint").write_text(story.desk.log.note(story.desk.log.text(13)))
    with pytest.raises(FileNotFoundError):
        compare_with(served, [receipt])
    for path in (tmp_path / "log" / "tile").rglob("*"):
        if path.is_file():
            path.write_bytes(bytes(31))
    (tmp_path / "log" / "tile" / "0" / "000.p" / "13").write_bytes(bytes(31))
    with pytest.raises(LogError, match="not the tile"):
        compare_with(served, [receipt])
    stranger = PaperLog(ORIGIN, key_of("stranger"))
    stranger.entries = story.desk.log.entries
    with pytest.raises(LogError, match="No known key"):
        compare_with(Served(str(stranger.serve(tmp_path / "other"))), [receipt])
