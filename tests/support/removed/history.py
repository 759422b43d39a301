"""What keeps history from being rewritten: log, receipts, the order of things, and their end."""

from __future__ import annotations

from typing import Final

from support.removals import Change, Removal

_VAULT = "storage/assent_vault/"
_CHECK = f"{_VAULT}receipt/check.py"
_COURSE = f"{_VAULT}receipt/course.py"
_MODEL = f"{_VAULT}release/queue.pml"
_CLIENT_CHECK = "client-web/src/proof/check.ts"
_CLIENT_COURSE = "client-web/src/proof/course.ts"
_RECEIPTS = "assent_vault/receipt/test_check.py::test_vector"
_COURSES = "assent_vault/receipt/test_course.py::test_vector"
_CHANGED = "assent_vault/receipt/test_check.py::test_every_changed_byte_is_noticed"
_CLIENT_RECEIPTS = 'client-web/tests/proof/check.test.ts "receipts of the vectors"'
_CLIENT_CHANGED = 'client-web/tests/proof/check.test.ts "never holds"'
_PUBLISHER = "assent/transparency/test_publisher.py::"
_WITNESSES = "assent/transparency/test_witnesses.py::"
_COMPARE = "assent_vault/receipt/test_compare.py::"
_VISIT = "client-web/tests/proof/visit.test.ts"

_COMPARED = Change(
    f"{_VAULT}receipt/compare.py",
    "        if same_person:\n",
    "        if same_person and not before:\n",
)
_HEEDED = Change(
    f"{_VAULT}worker/erasure.py",
    "        await self._destroy_key(meeting_id)\n        if found.everything:\n",
    "        if found.everything:\n",
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
                    f"{_VAULT}release/monitor.py",
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
    "a log written anew": (
        Removal(
            "the browser holds the newest head against the one that it has kept",
            (
                Change(
                    "client-web/src/proof/visit.ts",
                    "  if (found !== null) {\n",
                    "  if (found !== null && shown.size < 0) {\n",
                ),
            ),
            (
                f'{_VISIT} "does not agree with a log that has become shorter, whatever was kept'
                ' stays"',
                f'{_VISIT} "does not agree with more entries that those from before are not the'
                ' first of"',
            ),
        ),
        Removal(
            "what a larger head is compared by leads to the root of before",
            (
                Change(
                    "client-web/src/proof/consistency.ts",
                    "last === 0 && equal(old, before.root) && equal(grown, now.root)",
                    "last === 0 && equal(grown, now.root)",
                ),
            ),
            (
                'client-web/tests/proof/consistency.test.ts "fail where a leaf was taken out,'
                ' whatever came after it"',
            ),
        ),
        Removal(
            "the browser misses what the server has signed for",
            (
                Change(
                    "client-web/src/proof/agreement.ts",
                    'if (now === null) return "missing";',
                    "if (now === null) return null;",
                ),
            ),
            (f'{_VISIT} "misses a statement that the server has signed for"',),
        ),
        Removal(
            "what did not agree is kept",
            (
                Change(
                    "client-web/src/store/remembered.ts",
                    "disagreements: [...row.disagreements, ...more]",
                    "disagreements: row.disagreements",
                ),
            ),
            (f'{_VISIT} "keeps what did not agree, even where it agrees again"',),
        ),
        Removal(
            "the browser keeps no acknowledgement of another statement",
            (
                Change(
                    "client-web/src/consent/remembering.ts",
                    "    if (!mine) return false;\n",
                    "",
                ),
            ),
            (
                'client-web/tests/consent/remembering.test.ts "is kept where the server has signed'
                ' it for this statement of this person"',
            ),
        ),
        Removal(
            "a head takes the place of the very one that it was compared with",
            (
                Change(
                    "client-web/src/store/remembered.ts",
                    "kept = (row?.head.note ?? null) === (before?.note ?? null);",
                    "kept = true;",
                ),
            ),
            (
                'client-web/tests/store/remembered.test.ts "is a head only in the place of the one'
                ' that it was compared with"',
            ),
        ),
        Removal(
            "a person's statements are at one index in all of their receipts",
            (_COMPARED,),
            (
                "assent_vault/test_verify_command.py::test_two_that_hold_and_do_not_agree",
                f"{_COMPARE}test_a_log_that_was_written_anew",
                f"{_COMPARE}test_what_is_left_out",
            ),
        ),
        Removal(
            "the same, in real browsers",
            (_COMPARED,),
            ("end_to_end/test_rewriting.py::test_whoever_has_kept_something_sees_it",),
        ),
        Removal(
            "a log that is served has grown from the heads of receipts",
            (
                Change(
                    f"{_VAULT}receipt/compare.py",
                    "            if code is not None:\n",
                    "            if code is not None and old.size < 0:\n",
                ),
            ),
            ("assent_vault/test_verify_command.py::test_a_log_that_is_served",),
        ),
        Removal(
            "a receipt has nothing that was said since its head",
            (
                Change(
                    "server/assent/transparency/receipts.py",
                    "if each.row.number >= size}",
                    "if each.row.number < 0}",
                ),
            ),
            (
                "assent/web/test_log.py::test_a_receipt_has_all_that_is_under_its_head_and_nothing"
                "_else",
            ),
        ),
    ),
    "a receipt that was forged": (
        Removal(
            "forged: every answer is signed",
            (
                Change(
                    f"{_VAULT}formats/statement.py",
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
                    f"{_VAULT}formats/statement.py",
                    "    if answer.sequence != sequence:\n",
                    "    if not sequence:\n",
                ),
                Change(
                    f"{_VAULT}formats/statement.py",
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
    "a receipt of what cannot have happened": (
        Removal(
            "its entries are taken one after the other",
            (
                Change(
                    f"{_VAULT}receipt/history.py",
                    "    _check_course(every, Said(charter, answers))\n",
                    "",
                ),
            ),
            (_RECEIPTS,),
        ),
        Removal(
            "and so they are in the browser",
            (
                Change(
                    "client-web/src/proof/history.ts",
                    "    .reduce((past, now) => advance(past, now, facts), NOTHING_YET);\n",
                    "    .forEach(() => [advance, NOTHING_YET]);\n",
                ),
            ),
            (_CLIENT_RECEIPTS,),
        ),
        Removal(
            "nothing is recorded before a host has signed whether it is to be",
            (Change(_COURSE, "    _order(past.armed)\n", ""),),
            (_COURSES,),
        ),
        Removal(
            "nor is it to the browser",
            (Change(_CLIENT_COURSE, '  order(past.seen.has("armed"));\n', ""),),
            (_CLIENT_RECEIPTS,),
        ),
        Removal(
            "what others sign of a host or of who is removed is not the person's",
            (
                Change(
                    f"{_VAULT}receipt/history.py",
                    "        case HostCertified() | PersonRemoved() | Withdrawn():\n",
                    "        case Withdrawn():\n",
                ),
            ),
            (_RECEIPTS,),
        ),
        Removal(
            "a release comes after no withdrawal",
            (
                Change(
                    _COURSE,
                    "    _order(not any(Will.WITHDRAWN in (each.recording, each.training)"
                    " for each in answers))\n",
                    "",
                ),
            ),
            (_COURSES, _RECEIPTS),
        ),
        Removal(
            "nor does it in the browser",
            (
                Change(
                    _CLIENT_COURSE,
                    '  order(answers.every((one) => one.recording !== "withdrawn"'
                    ' && one.training !== "withdrawn"));\n',
                    "",
                ),
            ),
            (_CLIENT_RECEIPTS,),
        ),
        Removal(
            "an export comes after a release",
            (
                Change(
                    _COURSE,
                    "    if past.released is None:\n"
                    '        raise Fails("out-of-order")\n'
                    "    _same(record.evidence == past.released.evidence)\n"
                    "    _same(record.at >= past.released.ready_at)\n",
                    "",
                ),
            ),
            (_COURSES, _RECEIPTS),
        ),
        Removal(
            "the gate's decision has seen all that came before",
            (Change(_COURSE, "    _same(past.index < record.size <= index)\n", ""),),
            (_COURSES, _RECEIPTS),
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
                    f"{_VAULT}release/queue.py",
                    "    if not isinstance(decision, Release) or decision.ready_at > now:\n"
                    '        _drop(row, "cooling-off" if isinstance(decision, Release)'
                    " else _reason(decision), now)\n"
                    "        return False\n"
                    "    row.state = QueueState.EXPORTED\n"
                    "    row.evidence = decision.evidence_digest\n",
                    "    row.state = QueueState.EXPORTED\n",
                ),
            ),
            ("assent_vault/export/test_interleavings.py::test_every_order_of_transactions",),
        ),
        Removal(
            "an export asks the gate once more before it commits",
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
            ("assent_vault/test_whole.py::test_anything_in_any_order",),
        ),
    ),
    "the queue delivers twice": (
        Removal(
            "only who holds the claim commits",
            (
                Change(
                    f"{_VAULT}release/queue.py",
                    "    if row is None or row.state != QueueState.CLAIMED"
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
    "sound that is made to break a decoder": (
        Removal(
            "what decodes is confined",
            (
                Change(
                    f"{_VAULT}hearing/confinement.py",
                    "    return _filter()\n",
                    "    return True\n",
                ),
            ),
            ("assent_vault/hearing/test_confinement.py::test_a_confined_process_cannot",),
        ),
        Removal(
            "it is asked how what decodes has ended",
            (
                Change(
                    f"{_VAULT}export/speech.py",
                    "        if self._end_of(child):\n"
                    '            self._fail("crashed")\n'
                    "            return None\n",
                    "",
                ),
            ),
            ("assent_vault/export/test_speech.py::test_a_child_that_fails_costs_the_annotation",),
        ),
        Removal(
            "what has the keys opens no decoder",
            (
                Change(
                    f"{_VAULT}export/join.py",
                    '_NO_DECODER = {"codec_whitelist": "none"}\n',
                    "_NO_DECODER: dict[str, str] = {}\n",
                ),
            ),
            ("assent_vault/export/test_undecoded.py::test_what_has_the_keys_decodes_nothing",),
        ),
        Removal(
            "what comes back as FLAC is looked at",
            (
                Change(
                    f"{_VAULT}export/pcm.py",
                    "        if not frame.startswith(head) or"
                    " len(frame) < len(head) + _LEAST_FRAME:\n",
                    "        if False:\n",
                ),
            ),
            ("assent_vault/export/test_pcm.py::test_what_is_not_as_it_must_be_is_refused",),
        ),
    ),
    "media that is made to break a decoder": (
        Removal(
            "of aiortc its DTLS alone is loaded",
            (
                Change(
                    "server/assent/media/transport/aiortc_dtls.py",
                    "with _alone():\n",
                    "import aiortc\n\nwith _alone():\n",
                ),
            ),
            ("assent/test_mapped.py::test_the_web_and_the_media_process_have_no_codec_mapped",),
        ),
    ),
    "the clock is months ahead": (
        Removal(
            "what cannot be undone waits until it is due whichever clock is right",
            (
                Change(
                    f"{_VAULT}clock/timekeeper.py",
                    "        return state.surely(wall)\n",
                    "        return state.latest(wall)\n",
                ),
            ),
            (
                "assent/test_wrong_clock.py::test_nothing_is_destroyed_and_nothing_ends",
                "assent_vault/test_clock_jumps.py::"
                "test_nothing_is_destroyed_or_released_by_a_clock_that_jumps",
            ),
        ),
        Removal(
            "small steps of a clock are counted together",
            (
                Change(
                    f"{_VAULT}clock/reckoning.py",
                    "        return Reckoning(wall, tick, slack - abs(off))\n",
                    "        return Reckoning(wall, tick, slack)\n",
                ),
            ),
            (
                "assent_vault/clock/test_reckoning.py::test_a_clock_that_runs_too_fast_is_not_followed",
            ),
        ),
        Removal(
            "a meeting ends when its time is surely over",
            (
                Change(
                    "server/assent/meeting/registry.py",
                    "            elif live.expires_at <= self._clock.surely():\n",
                    "            elif live.expires_at <= self._clock.now():\n",
                ),
            ),
            ("assent/meeting/test_registry.py::test_no_meeting_ends_by_a_clock_in_doubt",),
        ),
    ),
    "the clock jumps a day": (
        Removal(
            "answers are in the order of their numbers",
            (
                Change(
                    f"{_VAULT}release/evidence_reader.py",
                    "        .order_by(StatementRow.person_id, StatementRow.sequence)\n",
                    "        .order_by(StatementRow.person_id, StatementRow.received_at)\n",
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
                    f"{_VAULT}worker/redaction.py",
                    "    await session.execute(update(MeetingRow)"
                    '.where(MeetingRow.id == meeting_id).values(title=""))\n',
                    "",
                ),
            ),
            (
                "assent_vault/worker/test_erasure.py::"
                "test_nothing_that_tells_who_was_there_is_left_of_a_destroyed_meeting",
            ),
        ),
        Removal(
            "a deletion stays until nothing was found to delete",
            (
                Change(
                    f"{_VAULT}worker/erasure.py",
                    "        gone = await self._blobs.delete_prefix(meeting_prefix(row.meeting_id))"
                    " == 0\n",
                    "        await self._blobs.delete_prefix(meeting_prefix(row.meeting_id))\n"
                    "        gone = True\n",
                ),
            ),
            (
                "assent_vault/worker/test_erasure.py::"
                "test_a_deletion_that_fails_is_tried_until_it_was_seen_done",
            ),
        ),
    ),
}
