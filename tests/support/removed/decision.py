"""What keeps anybody but everyone from deciding: rule, gate, statements, queue, keys."""

from __future__ import annotations

from typing import Final

from support.removals import Change, Removal
from support.removed.sealing import NAMED, PLACED, UNSEALED

_VAULT = "storage/assent_vault/"
_GATE = f"{_VAULT}release/gate.py"
_EXPORT = f"{_VAULT}export/claims.py"
_STATEMENT = f"{_VAULT}formats/statement.py"
_ATTACK = "assent_vault/test_attack.py::"
_EXPORTING = "assent_vault/worker/test_exporting.py::"
_EACH = f"{_ATTACK}test_no_value_in_any_column_releases"

# Who asks the gate before anything is opened, and who keeps it from being opened without it.
CLAIMED = Change(
    _EXPORT,
    "            evidence, decision = seen\n",
    "            evidence, decision = seen\n"
    "            decision = Release(bytes(32), 0, 1 << 62, evidence.log.head)\n",
)
COMMITTED = Change(
    _EXPORT,
    "        decision = await self._judge.decide(session, meeting_id, checks)\n",
    "        seen = await self._judge.look(session, meeting_id, checks)\n"
    "        decision = Release(bytes(32), 0, 1 << 62, seen[0].log.head)\n",
)
_SHARED_BY_ALL = Change(
    f"{_VAULT}formats/slot_keys.py",
    '    return suite.hkdf(b"".join(shares), place,',
    "    return suite.hkdf(shares[0], place,",
)
_OPENED_BY_ALL = (
    Change(
        f"{_VAULT}keys/relayed_opening.py",
        '        if train is None:\n            raise SealError("A person\'s key is missing.")\n',
        "        if train is None:\n            continue\n",
    ),
    Change(
        f"{_VAULT}keys/generation_opening.py",
        "    trees = [shares.get(owner, {}) for owner in owners]\n",
        "    trees = [shares.get(owner, shares[recorded.vault]) for owner in owners]\n",
    ),
)

# Whose an answer is.
_OF_THEM = Change(
    _STATEMENT,
    "    if answer.person != enrolment.person:\n"
    '        raise FormatError("person", "is another person")\n',
    "",
)
_SIGNED = Change(_STATEMENT, "    suite.verify(enrolment.sign, ANSWER_TYPE, body, signature)\n", "")
_FOLLOWS = Change(_STATEMENT, "    if answer.previous != before:\n", "    if not before:\n")
_LOGGED = Change(
    _GATE,
    "                if not _is_logged(rows.get(person_id), told):\n"
    "                    self.block(Code.NOT_LOGGED)\n",
    "",
)

# Who counts.
_EVERYONE = f"{_VAULT}formats/everyone.py"
_LET_IN = Change(
    _EVERYONE,
    "    return frozenset(let_in | named | set(logged))\n",
    "    return frozenset(let_in | named)\n",
)

DECISION: Final[dict[str, tuple[Removal, ...]]] = {
    "any order of coming, going": (
        Removal(
            "everyone present has agreed before anything is captured",
            (
                Change(
                    "server/assent/consent/capture.py",
                    "        and state.present == state.agreed\n",
                    "        and bool(state.agreed)\n",
                ),
            ),
            ("test_walk.py::test_every_order_of_events_for_three_people",),
        ),
        Removal(
            "whoever was let in counts, also without a word from them",
            (
                Change(
                    _GATE,
                    "        raise _Objection(Code.NOT_ANSWERED)\n",
                    "        return 0\n",
                ),
            ),
            ("test_walk.py::test_every_order_of_events_for_three_people",),
        ),
    ),
    "any single condition": (
        Removal(
            "the mutator turns every branch",
            (
                Change(
                    "tests/support/mutants.py",
                    "    if isinstance(node, ast.If):\n        for taken",
                    "    if isinstance(node, ast.Slice):\n        for taken",
                ),
            ),
            ("test_mutants.py::test_every_condition_of_a_module_is_changed",),
        ),
    ),
    "forging, backdating or dropping": (
        Removal(
            "whoever has not answered blocks",
            (
                Change(
                    _GATE,
                    "        raise _Objection(Code.NOT_ANSWERED)\n",
                    "        return 0\n",
                ),
            ),
            (f"{_EACH}[sqlite-says nothing-participants]",),
        ),
        Removal(
            "a no blocks",
            (
                Change(
                    _GATE,
                    "        raise _Objection(Code.REFUSED)\n",
                    "        return 0\n",
                ),
            ),
            (f"{_EACH}[sqlite-refuses-statements]",),
        ),
        Removal(
            "a withdrawal blocks, and so does what was ordered because of it, and the missing key",
            (
                Change(
                    _GATE,
                    "        raise _Objection(Code.WITHDRAWN)\n",
                    "        return 0\n",
                ),
                Change(
                    _GATE,
                    "        if evidence.destroyed_at is not None or evidence.deletions != 0:\n",
                    "        if evidence.destroyed_at is not None:\n",
                ),
                Change(
                    _GATE,
                    "        if evidence.key_present is not True:\n",
                    "        if evidence.vault_key is None:\n",
                ),
            ),
            (f"{_EACH}[sqlite-takes back-deletions]",),
            depth="what people have signed, what the worker has done about it, and its keyring"
            " each say it",
        ),
        Removal(
            "the waiting time is counted from what was logged",
            (
                Change(
                    _GATE,
                    "                times.append(told.answered_at(person_id))\n",
                    "                pass\n",
                ),
            ),
            (f"{_ATTACK}test_no_value_in_any_column_makes_it_ready_sooner",),
        ),
        Removal(
            "answers that the log does not know, or the database no longer, are missed",
            (_LOGGED,),
            (
                f"{_ATTACK}test_the_end_of_the_answers_cannot_be_cut_off",
                f"{_ATTACK}test_an_answer_that_is_not_logged_blocks",
            ),
        ),
        Removal(
            "an entry of the log that does not open blocks",
            (
                Change(
                    _GATE,
                    "        if evidence.log.whole is not True:\n",
                    "        if evidence.log.whole is None:\n",
                ),
            ),
            (f"{_ATTACK}test_whatever_is_changed_in_the_log_blocks",),
        ),
    ),
    "rows written into the queue": (
        Removal(
            "a row is no permission: the gate, and everyone's keys",
            (CLAIMED, _SHARED_BY_ALL, *_OPENED_BY_ALL, COMMITTED),
            (f"{_ATTACK}test_no_value_in_the_queue_releases",),
            depth="the gate decides at the claim and at the commit; and not all keys are there",
        ),
        Removal(
            "a data set that is said to have been committed must be there, whole",
            (
                Change(
                    f"{_VAULT}export/recovery.py",
                    "        whole = await asyncio.to_thread("
                    "folder.holds, found.manifest_digest)\n",
                    "        whole = True\n",
                ),
            ),
            (f"{_ATTACK}test_rows_that_say_it_was_exported_export_nothing",),
        ),
    ),
    "two workers at one export": (
        Removal(
            "what somebody holds is taken up only when the lease has run out",
            (
                Change(
                    f"{_VAULT}export/lease.py",
                    "    return row.lease_token in dead or row.lease_until < now\n",
                    "    return True\n",
                ),
            ),
            (f"{_EXPORTING}test_what_somebody_holds_is_left_alone_until_the_lease_has_run_out",),
        ),
        Removal(
            "one at a time writes an export, or mends it",
            (
                Change(
                    f"{_VAULT}export/run_lock.py",
                    "                lock = locks.take(path)\n",
                    "                lock = locks.take(path, shared=True)\n",
                ),
            ),
            (
                f"{_EXPORTING}test_a_worker_that_hangs_keeps_its_folder_though_its_lease_has_run_out",
            ),
        ),
        Removal(
            "who commits an export holds it, in that very transaction",
            (
                Change(
                    f"{_VAULT}export/lease.py",
                    "        if row.lease_token != self.token:\n",
                    "        if row is None:\n",
                ),
            ),
            (f"{_EXPORTING}test_who_has_lost_the_lease_commits_nothing_and_ends_nothing",),
        ),
    ),
    "answers and grants of others": (
        Removal(
            "an answer is signed with the key that was enrolled",
            (_SIGNED, _LOGGED),
            (f"{_ATTACK}test_an_answer_in_the_name_of_another_counts_for_nothing",),
            depth="the log knows the answers that there are, too",
        ),
        Removal(
            "an answer is of one person, signed by them, and follows what they said before",
            (_OF_THEM, _SIGNED, _FOLLOWS, _LOGGED),
            (f"{_ATTACK}test_grants_of_others_do_not_stand_in",),
            depth="whose it is stands in it three times, and in the log",
        ),
    ),
    "forgetting somebody; headers": (
        Removal(
            "whom a header names counts, and whom the log says was let in",
            (NAMED, _LET_IN),
            (f"{_ATTACK}test_somebody_who_does_not_agree_cannot_be_forgotten",),
            depth="headers and the log both name them",
        ),
        Removal(
            "whom the log says was let in counts",
            (_LET_IN,),
            (f"{_ATTACK}test_somebody_let_in_after_the_last_generation_cannot_be_forgotten",),
        ),
        Removal(
            "a segment is sealed, and bound to the header of its generation",
            (*UNSEALED, PLACED),
            (
                f"{_ATTACK}test_a_recording_that_is_said_to_be_of_others_does_not_open"
                "[sqlite-other boxes]",
            ),
        ),
    ),
    "one browser twice at a door": (
        Removal(
            "a browser writes over no seed, whoever else is at the door in it",
            (
                Change(
                    "client-web/src/store/seats.ts",
                    "  if (kept.seed === null) return offered;\n",
                    "  if (kept.seed !== undefined) return offered;\n",
                ),
            ),
            (
                'client-web/tests/store/seats.test.ts "lose no seed to whoever comes later,'
                ' with another or with none"',
            ),
        ),
        Removal(
            "a personal key is not taken for the secret of an invitation",
            (
                Change(
                    "client-web/src/link.ts",
                    "    if (PATHS[name] !== kind) return false;\n"
                    "    if (meeting !== null && id !== meeting) return false;\n",
                    "    if (PATHS[name] === undefined && meeting === id) return false;\n",
                ),
            ),
            ('client-web/tests/link.test.ts "is not completed from another link"',),
        ),
    ),
    "people in odd states": (
        Removal(
            "the eraser heeds everyone, and nobody who was never let in",
            (
                Change(
                    f"{_VAULT}worker/withdrawals.py",
                    "        if person.person_id not in everyone:\n            continue\n",
                    "",
                ),
            ),
            (
                "assent_vault/worker/test_erasure.py::"
                "test_who_was_never_let_in_takes_nothing_back[sqlite-wills0]",
            ),
        ),
        Removal(
            "who was never let in answers nothing when it is over",
            (
                Change(
                    "server/assent/meeting/answer_store.py",
                    "            if over and person not in",
                    "            if not body and person not in",
                ),
            ),
            (
                "assent/meeting/test_everyone.py::"
                "test_nothing_is_taken_from_whoever_was_sent_away_when_it_is_over[sqlite]",
            ),
        ),
        Removal(
            "who was never let in is told nothing of the recording",
            (
                Change(
                    "server/assent/meeting/answer_store.py",
                    "            admitted = person in await load_everyone(session, meeting)\n",
                    "            admitted = True\n",
                ),
            ),
            (
                "assent/meeting/test_everyone.py::"
                "test_who_was_sent_away_is_shown_what_is_theirs_and_no_more[sqlite]",
            ),
        ),
    ),
    "acting for others": (
        Removal(
            "what was taken back for others blocks, by its row",
            (Change(_GATE, "set[Any] = set(evidence.revocations)\n", "set[Any] = set()\n"),),
            ("assent_vault/release/gate/test_revocations.py::test_the_row_alone_blocks",),
        ),
        Removal(
            "and by the log, when the row is gone",
            (
                Change(
                    _GATE,
                    "        if told is not None:\n            acts |= told.revoked\n",
                    "",
                ),
            ),
            ("assent_vault/release/gate/test_revocations.py::test_the_log_alone_blocks",),
        ),
        Removal(
            "the server has signed it",
            (
                Change(
                    f"{_VAULT}ledger/revocation.py",
                    "    suite.verify(charter.server, Revoked.TYPE, act.body, act.signature)\n",
                    "",
                ),
            ),
            (
                "assent_vault/worker/test_erasure.py::"
                "test_an_act_that_the_server_has_not_signed_takes_nothing_away"
                "[sqlite-recording-stranger]",
            ),
        ),
        Removal(
            "an act before the commit wins",
            (COMMITTED,),
            (
                "assent_vault/export/test_races.py::"
                "test_a_withdrawal_before_the_commit_wins[sqlite-1-recording-_write_manifest-after]",
            ),
        ),
        Removal(
            "a host acts in their own meetings alone",
            (
                Change(
                    "server/assent/web/acts.py",
                    '    if account.role != "administrator":\n        raise Forbidden\n',
                    "",
                ),
            ),
            ("assent/web/test_acts.py::test_a_host_acts_in_their_own_meetings_only[sqlite]",),
        ),
        Removal(
            "a yes that was taken back is no yes",
            (
                Change(
                    "server/assent/meeting/person.py",
                    "            and said.sequence > covered(self.acts, self.id)\n",
                    "",
                ),
            ),
            ("assent/meeting/test_acts.py::test_capture_stops_as_if_they_had_withdrawn[sqlite]",),
        ),
    ),
    "everything on disk, and every key": (
        Removal(
            "the keys of slots are made of every single share",
            (_SHARED_BY_ALL,),
            (
                "assent_vault/test_server_account.py::"
                "test_without_one_persons_key_all_there_is_opens_nothing",
            ),
        ),
        Removal(
            "the same, in real browsers",
            (_SHARED_BY_ALL,),
            ("end_to_end/test_refusal.py::test_nothing_makes_it_release",),
        ),
    ),
}
