"""What keeps the two processes apart on one machine, and a database safe from other versions."""

from __future__ import annotations

from typing import Final

from support.removals import Change, Removal

_VAULT = "storage/assent_vault/"
_FOLDERS = f"{_VAULT}files/folders.py"
_USERS = "operations/test_two_users.py::"
_APPROVAL = "assent_vault/export/test_approval.py::"
_UPGRADES = "assent_vault/test_upgrades.py::"

RUNNING: Final[dict[str, tuple[Removal, ...]]] = {
    "one of the two processes reads": (
        Removal(
            "a folder of keys is closed to everybody but its user",
            (Change(_FOLDERS, "        folder.chmod(PRIVATE_FOLDER)\n", "        pass\n"),),
            (
                f"{_USERS}test_two_users_with_one_file",
                f"{_USERS}test_two_users_with_two_roles",
            ),
        ),
        Removal(
            "the containers share no volume with keys",
            (
                Change(
                    "docker-compose.yml",
                    "      - server:${ASSENT_SERVER_DIR:-/var/lib/assent/server}\n",
                    "      - server:${ASSENT_SERVER_DIR:-/var/lib/assent/server}\n"
                    "      - vault:/var/lib/assent/vault\n",
                ),
            ),
            ("operations/test_compose.py::test_neither_has_what_is_the_others",),
        ),
        Removal(
            "a folder of keys that is somebody else's is not used",
            (
                Change(
                    _FOLDERS,
                    "    if os.geteuid() not in (0, found.st_uid):\n",
                    "    if found.st_uid < 0:\n",
                ),
            ),
            ("assent_vault/files/test_folders.py::test_somebody_elses_private_folder_is_refused",),
        ),
    ),
    "one administrator alone has something exported": (
        Removal(
            "the worker looks for an approval before it begins",
            (
                Change(
                    f"{_VAULT}export/run.py",
                    "                await self._approval.require(session, row, asked)\n",
                    "                pass\n",
                ),
            ),
            (
                f"{_APPROVAL}test_what_nobody_has_approved_who_may_is_not_begun",
                f"{_APPROVAL}test_both_are_administrators_when_it_begins",
                f"{_APPROVAL}test_an_order_of_the_command_orders_that_and_nothing_else",
            ),
        ),
        Removal(
            "who asked and who approved are administrators when it begins",
            (
                Change(
                    f"{_VAULT}store/approval.py",
                    "    if not await are_administrators(session, asker, approver):\n",
                    "    if not asker:\n",
                ),
            ),
            (f"{_APPROVAL}test_both_are_administrators_when_it_begins",),
        ),
        Removal(
            "who asked and who approved are two",
            (
                Change(
                    f"{_VAULT}store/approval.py",
                    "    return len(set(accounts)) == PEOPLE\n",
                    "    return len(accounts) == PEOPLE\n",
                ),
            ),
            (f"{_APPROVAL}test_what_nobody_has_approved_who_may_is_not_begun",),
        ),
        Removal(
            "a state that nobody knows is not begun",
            (
                Change(
                    f"{_VAULT}export/lease.py",
                    "row.state not in _TO_DO or row.manifest_digest is not None:\n        r",
                    "row.manifest_digest is not None:\n        r",
                ),
            ),
            (f"{_APPROVAL}test_no_other_state_is_begun",),
        ),
        Removal(
            "nobody approves what they have asked for",
            (
                Change(
                    "server/assent/web/approvals.py",
                    "        raise OwnExport\n",
                    "        return\n",
                ),
            ),
            ("assent/web/test_approvals.py::test_nobody_approves_what_they_have_asked_for",),
        ),
    ),
    "an upgrade that goes wrong": (
        Removal(
            "only who may change the tables goes on with those of another version",
            (
                Change(
                    f"{_VAULT}store/database.py",
                    "            found = SchemaStanding.EMPTY if missing else"
                    " (await self._standing())[0]\n",
                    "            found = SchemaStanding.CURRENT\n"
                    "            assert missing is not None\n",
                ),
            ),
            (f"{_UPGRADES}test_a_database_of_another_version_is_left_alone",),
        ),
        Removal(
            "the copy holds what is not in the file itself yet",
            (
                Change(
                    f"{_VAULT}store/upgrade_copies.py",
                    "            source.backup(target)\n",
                    "            half.write_bytes(file.read_bytes())\n",
                ),
            ),
            (f"{_UPGRADES}test_the_copy_is_whole_while_others_write",),
        ),
        Removal(
            "tables are not changed before there is a copy",
            (
                Change(
                    f"{_VAULT}store/database.py",
                    "                if found is SchemaStanding.OLDER:\n",
                    "                if found is SchemaStanding.NEWER:\n",
                ),
            ),
            (f"{_UPGRADES}test_without_a_copy_nothing_is_changed",),
        ),
    ),
}
