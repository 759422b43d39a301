"""What keeps anything that is taken back from being lost: full disks, restores."""

from __future__ import annotations

from typing import Final

from support.removals import Change, Removal

_VAULT = "storage/assent_vault/"
_OWING = "server/assent/meeting/owing.py"
_HELD = "test_a_withdrawal_that_is_not_stored_is_held_and_stored_later"
_TESTS = "assent/meeting/test_owing.py::"
_FULL = "end_to_end/test_full_disk.py::"
_ADOPTING = "assent_vault/worker/test_adopting.py::"

LOSSES: Final[dict[str, tuple[Removal, ...]]] = {
    "a disk that is full": (
        Removal(
            "a withdrawal that is not stored is held in the reserve",
            (
                Change(
                    _OWING,
                    "                await self._reserve.hold(held)\n",
                    "                pass\n",
                ),
            ),
            (f"{_TESTS}{_HELD}",),
        ),
        Removal(
            "what an earlier run has held is found again",
            (
                Change(
                    _OWING,
                    "        self._held += [each for each in found if each not in self._held]\n",
                    "        self._held += found[:0]\n",
                ),
            ),
            (f"{_TESTS}test_it_is_held_across_a_restart_without_the_page",),
        ),
        Removal(
            "a yes that was taken back counts no more, stored or not",
            (
                Change(
                    "server/assent/meeting/person.py",
                    "            and not self.withheld\n",
                    "",
                ),
            ),
            (f"{_TESTS}{_HELD}",),
        ),
        Removal(
            "recording ends at the floor",
            (
                Change(
                    "server/assent/meeting/registry.py",
                    "                    live.space(problem)\n",
                    "                    pass\n",
                ),
            ),
            (f"{_TESTS}test_recording_ends_at_the_floor_and_goes_on_above_it",),
        ),
        Removal(
            "the same, in real browsers",
            (
                Change(
                    "server/assent/meeting/registry.py",
                    "                    live.space(problem)\n",
                    "                    pass\n",
                ),
            ),
            (f"{_FULL}test_recording_ends_in_time_for_what_people_take_back",),
        ),
        Removal(
            "what cannot be stored is not forgotten, in real browsers",
            (
                Change(
                    _OWING,
                    "                await self._hold("
                    "held, verified=verified or await self._is_genuine(held))\n",
                    "                pass\n",
                ),
            ),
            (
                f"{_FULL}test_on_a_full_disk_a_withdrawal_is_sent_until_it_is_taken",
                f"{_FULL}test_while_the_store_refuses_the_release_is_blocked",
            ),
        ),
        Removal(
            "the gate blocks while an answer is owed",
            (
                Change(
                    f"{_VAULT}release/gate.py",
                    "            self.block(Code.ANSWERS_OWED, max(evidence.owed, 1))\n",
                    "            pass\n",
                ),
            ),
            (
                "assent_vault/release/gate/test_meeting.py::"
                "test_an_answer_that_the_server_could_not_store_blocks",
            ),
        ),
        Removal(
            "the page keeps what was not taken, and the next one sends it",
            (
                Change(
                    "client-web/src/consent/answers.ts",
                    "    const keeping = store.keep(kept).catch(() => undefined);\n",
                    "    const keeping = Promise.resolve();\n",
                ),
            ),
            (
                'client-web/tests/consent/answers.test.ts "that a page has left are taken up by the'
                ' next, and stand there at once"',
            ),
        ),
    ),
    "a restore by the README": (
        Removal(
            "the vault's identity is in the backup",
            (
                Change(
                    "README.md",
                    "cp -p data/vault/identity.* data/vault/log.head",
                    "cp -p data/vault/log.head",
                ),
            ),
            ("end_to_end/test_restore.py::test_the_recipe_of_the_readme",),
        ),
        Removal(
            "a worker that cannot work leaves the reason",
            (
                Change(
                    f"{_VAULT}worker/worker.py",
                    "            if isinstance(error, KeyringError | LogError) and not shares:\n"
                    "                await say_why_not(settings, error, now)\n",
                    "",
                ),
            ),
            ("end_to_end/test_restore.py::test_without_the_vaults_folder",),
        ),
        Removal(
            "what a vault has destroyed before it was lost stays accounted for",
            (
                Change(
                    f"{_VAULT}release/monitor.py",
                    "        self._identities = (identity, *former)\n",
                    "        self._identities = (identity, *former[:0])\n",
                ),
            ),
            (f"{_ADOPTING}test_an_identity_that_is_lost",),
        ),
        Removal(
            "a vault that does not know what it had seen of the log does not work",
            (
                Change(
                    f"{_VAULT}release/monitor.py",
                    "        if content is None and known:\n",
                    "        if content is None and known is None:\n",
                ),
            ),
            (f"{_ADOPTING}test_a_head_that_is_lost",),
        ),
        Removal(
            "what was adopted is never released, whatever keys come back",
            (
                Change(
                    f"{_VAULT}release/evidence_reader.py",
                    "        and not told.adopted\n",
                    "",
                ),
            ),
            (f"{_ADOPTING}test_its_keys_do_not_come_back_with_a_copy",),
        ),
    ),
}
