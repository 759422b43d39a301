"""What keeps a meeting that was exported from being given once more when it may not be."""

from __future__ import annotations

from typing import Final

from support.removals import Change, Removal
from support.removed.decision import CLAIMED, COMMITTED

_VAULT: Final = "storage/assent_vault/"
_FURTHER: Final = f"{_VAULT}release/further.py"
_COURSE: Final = f"{_VAULT}receipt/course.py"
_CLIENT_COURSE: Final = "client-web/src/proof/course.ts"
_AGAIN: Final = "assent_vault/export/test_again.py::"
_RACES: Final = "assent_vault/export/test_again_races.py::"
_COURSES: Final = "assent_vault/receipt/test_course.py::test_vector"
_CLIENT_RECEIPTS: Final = 'client-web/tests/proof/check.test.ts "receipts of the vectors"'

GIVING: Final[dict[str, tuple[Removal, ...]]] = {
    "a meeting that was exported is given once more": (
        Removal(
            "the gate decides about each further data set, too",
            (CLAIMED, COMMITTED),
            (f"{_AGAIN}test_what_was_taken_back_is_given_to_nobody_any_more",),
        ),
        Removal(
            "and once more before it commits",
            (
                Change(
                    f"{_VAULT}export/claims.py",
                    "        if isinstance(decision, Blocked):\n"
                    "            await report(session, meeting_id, decision, self._now())\n"
                    "            await queue.consider(session, meeting_id, decision,"
                    " self._now(), self._scribe)\n"
                    "            return None\n",
                    "        if isinstance(decision, Blocked):\n"
                    "            head = self._judge._follower.head\n"
                    "            return Release(evidence, 0, 1 << 62, head)\n",
                ),
            ),
            (f"{_RACES}test_a_withdrawal_before_the_commit_wins_over_each_further_one",),
        ),
        Removal(
            "it becomes a part of a data set only with a release decided in that transaction",
            (
                Change(
                    _FURTHER,
                    "    if not await stands_again(session, export_id, meeting_id, decision, now,"
                    " scribe):\n"
                    "        return False\n"
                    '    assert isinstance(decision, Release), "it stands"\n',
                    "",
                ),
                Change(
                    _FURTHER,
                    "    row.evidence = decision.evidence_digest\n"
                    "    row.ready_at = decision.ready_at\n",
                    "",
                ),
            ),
            ("assent_vault/export/test_interleavings.py::test_every_order_of_two_further_exports",),
        ),
        Removal(
            "it waits for what was said last",
            (
                Change(_FURTHER, "    return decision.ready_at <= now\n", "    return True\n"),
                Change(
                    _FURTHER,
                    "    if row is None or row.state != QueueState.EXPORTED:\n"
                    "        return False\n"
                    "    if not isinstance(decision, Release) or decision.ready_at > now:\n",
                    "    if row is None or row.state != QueueState.EXPORTED:\n"
                    "        return False\n"
                    "    if not isinstance(decision, Release):\n",
                ),
                Change(
                    f"{_VAULT}export/claims.py",
                    "        if decision.evidence_digest != evidence"
                    " or decision.ready_at > self._surely():\n",
                    "        if decision.evidence_digest != evidence:\n",
                ),
            ),
            (f"{_AGAIN}test_who_says_yes_once_more_is_waited_for",),
            depth="the claim and the commit look at it",
        ),
        Removal(
            "a release on other evidence is logged before that",
            (
                Change(
                    _FURTHER,
                    "    if not await scribe.has_released(session, meeting_id, decision):\n"
                    "        await scribe.released(session, meeting_id, decision)\n"
                    "    return decision",
                    "    return decision",
                ),
                Change(
                    _FURTHER,
                    "    if not await scribe.has_released(session, meeting_id, decision):\n"
                    "        return False\n",
                    "",
                ),
            ),
            (f"{_AGAIN}test_who_says_yes_once_more_is_waited_for",),
        ),
        Removal(
            "the log says what is made again",
            (
                Change(
                    f"{_VAULT}export/former.py",
                    "    for meeting_id in named.all():\n",
                    "    for meeting_id in named.all():\n        meetings.add(meeting_id)\n",
                ),
            ),
            (f"{_AGAIN}test_rows_add_nothing_to_what_is_made_again",),
        ),
        Removal(
            "what was taken back is not written any further",
            (
                Change(
                    f"{_VAULT}export/lease.py",
                    "                        held |= await further.still_given(session, again)\n",
                    "                        held |= again\n",
                ),
            ),
            (f"{_RACES}test_what_is_taken_back_while_it_is_written_is_noticed",),
        ),
        Removal(
            "and goes from what was interrupted",
            (
                Change(
                    f"{_VAULT}export/selection.py",
                    "        stands = or_(stands, given_meetings.has_key())\n",
                    "        stands = or_(stands, ReleaseRow.state == QueueState.EXPORTED)\n",
                ),
            ),
            (f"{_RACES}test_what_an_interrupted_one_has_of_what_is_taken_back_goes",),
        ),
        Removal(
            "a receipt has each data set once",
            (Change(_COURSE, "    _once(record.export not in past.exports)\n", ""),),
            (_COURSES,),
        ),
        Removal(
            "and none after the meeting was destroyed",
            (
                Change(
                    _COURSE,
                    "    _order(not past.adopted)\n    _order(not past.destroyed)\n",
                    "    _order(not past.adopted)\n",
                ),
            ),
            (_COURSES,),
        ),
        Removal(
            "so it is in the browser",
            (
                Change(
                    _CLIENT_COURSE,
                    "  unless(!past.exports.some((one) => equal(one, record.exportId)),"
                    ' "missing");\n',
                    "",
                ),
            ),
            (_CLIENT_RECEIPTS,),
        ),
        Removal(
            "and so it is, there",
            (
                Change(
                    _CLIENT_COURSE,
                    '  order(!past.seen.has("adopted"));\n  order(!past.seen.has("destroyed"));\n',
                    '  order(!past.seen.has("adopted"));\n',
                ),
            ),
            (_CLIENT_RECEIPTS,),
        ),
    ),
}
