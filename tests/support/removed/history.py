"""What keeps history from being rewritten: log, receipts, the order of things, and their end."""

from __future__ import annotations

from typing import Final

from support.removals import Change, Removal

_VAULT = "storage/assent_vault/"
_CHECK = f"{_VAULT}receipt/check.py"
_MODEL = f"{_VAULT}queue.pml"
_CLIENT_CHECK = "client-web/src/proof/check.ts"
_RECEIPTS = "assent_vault/receipt/test_check.py::test_vector"
_CHANGED = "assent_vault/receipt/test_check.py::test_every_changed_byte_is_noticed"
_CLIENT_RECEIPTS = 'client-web/tests/proof/check.test.ts "receipts of the vectors"'
_CLIENT_CHANGED = 'client-web/tests/proof/check.test.ts "never holds"'
_PUBLISHER = "assent/transparency/test_publisher.py::"
_WITNESSES = "assent/transparency/test_witnesses.py::"

_HEEDED = Change(
    f"{_VAULT}erasure.py",
    "        await self._destroy_key(meeting_id)\n"
    "        async with self._database.write() as session:\n"
    "            if await lock_meeting(session, meeting_id) is None:\n",
    "        async with self._database.write() as session:\n"
    "            if await lock_meeting(session, meeting_id) is None:\n",
)

HISTORY: Final[dict[str, tuple[Removal, ...]]] = {
    "rows, objects or keys from a backup": (
        Removal(
            "a withdrawal destroys the meeting's key",
            (_HEEDED,),
            ("assent_vault/test_attack.py::test_a_backup_from_before_a_withdrawal",),
        ),
        Removal(
            "the same, in real browsers",
            (_HEEDED,),
            ("end_to_end/test_withdrawal.py::test_a_withdrawal_wins_over_an_export_not_begun",),
        ),
    ),
    "an older database": (
        Removal(
            "the vault worker compares the log with the head that it remembers",
            (
                Change(
                    f"{_VAULT}ledger/follow.py",
                    "        await self._advance(None if content is None else _parse(content))\n",
                    "        await self._advance(None)\n",
                ),
            ),
            ("assent_vault/test_attack.py::test_every_older_snapshot_of_the_database_is_refused",),
        ),
        Removal(
            "the server compares the log with the head that it remembers",
            (
                Change(
                    "server/assent/transparency/publisher.py",
                    "            await self._advance(await self._remembered())\n",
                    "            await self._remembered()\n            await self._advance(None)\n",
                ),
            ),
            (
                f"{_PUBLISHER}test_each_older_database_is_refused",
                f"{_PUBLISHER}test_a_changed_entry_is_noticed",
                "assent/test_app.py::test_an_older_database_is_refused",
            ),
        ),
    ),
    "one log shown": (
        Removal(
            "a witness that knows another history is believed",
            (
                Change(
                    "server/assent/transparency/witnesses.py",
                    '        if any(standing.problem == "disputed"'
                    " for standing in self._standing.values()):\n",
                    "        if not self._standing:\n",
                ),
            ),
            (
                f"{_WITNESSES}test_two_logs_under_one_name_are_noticed",
                f"{_WITNESSES}test_a_witness_notices_that_everything_was_brought_back",
            ),
        ),
        Removal(
            "a receipt with two heads of one size does not hold",
            (
                Change(
                    _CHECK,
                    "        if len({head.size for head in believed.values()})"
                    " != len(set(believed.values())):\n"
                    '            raise Fails("split-view")\n',
                    "",
                ),
            ),
            (_RECEIPTS,),
        ),
        Removal(
            "nor does it in the browser",
            (
                Change(
                    _CLIENT_CHECK,
                    "      if ((roots.get(checkpoint.size) ?? root) !== root)"
                    ' throw new Fails("split-view");\n',
                    "",
                ),
            ),
            (_CLIENT_RECEIPTS,),
        ),
    ),
    "a receipt that was forged": (
        Removal(
            "forged: every answer is signed",
            (
                Change(
                    f"{_VAULT}statement.py",
                    "    suite.verify(enrolment.sign, ANSWER_TYPE, body, signature)\n",
                    "",
                ),
            ),
            (_RECEIPTS,),
        ),
        Removal(
            "backdated: acknowledgement, log and statement say the same",
            (
                Change(
                    _CHECK,
                    "                at=self._records[number].record.at,\n            ):\n"
                    '                raise Fails("mismatch", number)\n',
                    "                at=self._records[number].record.at,\n            ):\n"
                    "                continue\n",
                ),
            ),
            (_RECEIPTS,),
        ),
        Removal(
            "left out: every answer follows the one before",
            (
                Change(
                    f"{_VAULT}statement.py",
                    "    if answer.sequence != sequence:\n",
                    "    if not sequence:\n",
                ),
                Change(
                    f"{_VAULT}statement.py",
                    "    if answer.previous != before:\n",
                    "    if not before:\n",
                ),
            ),
            (_RECEIPTS,),
            depth="by its number, and by its digest",
        ),
        Removal(
            "every record is in the log",
            (
                Change(
                    _CHECK,
                    '                raise Fails("not-in-log", number) from error\n',
                    "                assert error\n",
                ),
            ),
            (_RECEIPTS, _CHANGED),
        ),
        Removal(
            "and so it is for the browser",
            (
                Change(
                    _CLIENT_CHECK,
                    "      if (root === null || !equal(root, proof.checkpoint.root))"
                    ' throw new Fails("not-in-log");\n',
                    "",
                ),
            ),
            (_CLIENT_RECEIPTS, _CLIENT_CHANGED),
        ),
        Removal(
            "whose acknowledgements say the same as well",
            (
                Change(
                    _CLIENT_CHECK,
                    '      if (!same) throw new Fails("mismatch");\n',
                    "      if (!same) continue;\n",
                ),
            ),
            (_CLIENT_RECEIPTS,),
        ),
    ),
    "a withdrawal races an export": (
        Removal(
            "in the model the commit asks the gate once more",
            (
                Change(
                    _MODEL,
                    "         :: !gate_opens -> drop()\n         :: gate_opens ->\n",
                    "         :: true ->\n",
                ),
            ),
            ("assent_vault/test_model.py::test_no_interleaving_breaks_a_promise",),
        ),
        Removal(
            "the model says what must not be",
            (
                Change(
                    _MODEL,
                    "              assert(!acknowledged);\n#ifndef STORED_MAY_LOSE\n"
                    "              assert(!withdrawn);\n#endif\n",
                    "",
                ),
            ),
            ("assent_vault/test_model.py::test_without_a_protection_the_race_is_found",),
        ),
        Removal(
            "the queue takes a commit only with a release decided in its transaction",
            (
                Change(
                    f"{_VAULT}queue.py",
                    "    if not isinstance(decision, Release) or decision.ready_at > now:\n"
                    '        _drop(row, "cooling-off" if isinstance(decision, Release)'
                    " else _reason(decision), now)\n"
                    "        return False\n"
                    "    row.state = State.EXPORTED\n"
                    "    row.evidence = decision.evidence_digest\n",
                    "    row.state = State.EXPORTED\n",
                ),
            ),
            ("assent_vault/export/test_interleavings.py::test_every_order_of_transactions",),
        ),
        Removal(
            "an export asks the gate once more before it commits",
            (
                Change(
                    f"{_VAULT}export/run.py",
                    "        if isinstance(decision, Blocked):\n"
                    "            await report(session, written.meeting_id, decision, self._now())\n"
                    "            await queue.consider(session, written.meeting_id, decision,"
                    " self._now(), self._scribe)\n"
                    "            return None\n",
                    "        if isinstance(decision, Blocked):\n"
                    "            head = self._judge._follower.head\n"
                    "            return Release(written.entry.evidence, 0, head)\n",
                ),
            ),
            ("assent_vault/test_whole.py::test_anything_in_any_order",),
        ),
    ),
    "the queue delivers twice": (
        Removal(
            "only who holds the claim commits",
            (
                Change(
                    f"{_VAULT}queue.py",
                    "    if row is None or row.state != State.CLAIMED"
                    " or row.lease_token != token:\n",
                    "    if row is None:\n",
                ),
            ),
            (
                "assent_vault/export/test_interleavings.py::"
                "test_delivered_again_and_again_it_has_one_effect",
            ),
        ),
    ),
    "the clock jumps": (
        Removal(
            "answers are in the order of their numbers",
            (
                Change(
                    f"{_VAULT}evidence.py",
                    "        .order_by(Statement.person_id, Statement.sequence)\n",
                    "        .order_by(Statement.person_id, Statement.received_at)\n",
                ),
            ),
            ("assent_vault/test_clock_jumps.py::test_no_decision_changes",),
        ),
        Removal(
            "the timeline of a recording is not the clock's",
            (
                Change(
                    "server/assent/recording/recorder.py",
                    "        self._clocks = Clocks(",
                    "        self._origin = began\n        self._clocks = Clocks(",
                ),
                Change(
                    "server/assent/recording/recorder.py",
                    "        return max(0, round("
                    "self._clocks.meeting_time(self._clock.monotonic())))\n",
                    "        return max(0, self._clock.now() - self._origin)\n",
                ),
            ),
            ("assent/meeting/test_live.py::test_a_clock_that_jumps_a_day_changes_nothing",),
        ),
    ),
    "what must be gone": (
        Removal(
            "the title goes with the recording",
            (
                Change(
                    f"{_VAULT}remains.py",
                    "    await session.execute(update(Meeting).where(Meeting.id == meeting_id)"
                    '.values(title=""))\n',
                    "",
                ),
            ),
            (
                "assent_vault/test_erasure.py::"
                "test_nothing_that_tells_who_was_there_is_left_of_a_destroyed_meeting",
            ),
        ),
        Removal(
            "a deletion stays until nothing was found to delete",
            (
                Change(
                    f"{_VAULT}erasure.py",
                    "        gone = await self._blobs.delete_prefix(meeting_prefix(row.meeting_id))"
                    " == 0\n",
                    "        await self._blobs.delete_prefix(meeting_prefix(row.meeting_id))\n"
                    "        gone = True\n",
                ),
            ),
            (
                "assent_vault/test_erasure.py::"
                "test_a_deletion_that_fails_is_tried_until_it_was_seen_done",
            ),
        ),
    ),
}
