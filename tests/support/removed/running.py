"""What keeps the two processes apart on one machine, and a database safe from other versions."""

from __future__ import annotations

from typing import Final

from support.removals import Change, Removal

_VAULT = "storage/assent_vault/"
_FOLDERS = f"{_VAULT}files/folders.py"
_USERS = "operations/test_two_users.py::"
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
