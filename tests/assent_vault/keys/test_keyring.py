"""The keyring: keys that last, keys that are gone for good, and one owner at a time."""

from __future__ import annotations

import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from unittest import mock

import pytest

from assent_vault.errors import KeyringError
from assent_vault.formats import suite, vault_key
from assent_vault.keys import keyring
from assent_vault.keys.keyring import Keyring

MEETING, OTHER = bytes(16), bytes([1]) * 16


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "vault"


def names(folder: Path) -> set[str]:
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    return found - {"meetings/CACHEDIR.TAG"}


def test_identity_lasts(folder: Path) -> None:
    with Keyring(folder) as ring:
        public = ring.identity_public
        assert public == suite.sign_public(ring.identity)
    with Keyring(folder) as ring:
        assert ring.identity_public == public


def test_only_the_owner_can_look_in(folder: Path) -> None:
    with Keyring(folder) as ring:
        ring.make_meeting_key(MEETING, 1)
        for path in (folder, *folder.rglob("*")):
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_folder_that_stands_open_is_closed(folder: Path) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    with Keyring(folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_meeting_key(folder: Path) -> None:
    with Keyring(folder) as ring:
        made = ring.make_meeting_key(MEETING, 7)
        assert vault_key.verify(made.body, made.signature, ring.identity_public) == made
        assert (made.meeting, made.created) == (MEETING, 7)
        private = ring.meeting_private(MEETING)
        assert private is not None
        assert suite.xwing_public(private) == made.key
        assert ring.holds(made)
        assert ring.meeting_private(OTHER) is None
    with Keyring(folder) as ring:
        assert ring.meeting_private(MEETING) == private


def test_threads_that_ask_at_once_get_one_key(folder: Path) -> None:
    at_once = 4
    with Keyring(folder) as ring, ThreadPoolExecutor(at_once) as threads:
        for number in range(20):
            start = threading.Barrier(at_once)

            def make(meeting: bytes = bytes([number]) * 16, start: Barrier = start) -> bytes:
                start.wait()
                return ring.make_meeting_key(meeting, 7).key

            made = {asked.result() for asked in [threads.submit(make) for _ in range(at_once)]}
            assert len(made) == 1


def test_key_that_is_there_is_used_again(folder: Path) -> None:
    """Its worker may have died after making it durable and before telling anyone."""
    with Keyring(folder) as ring:
        first, second = (ring.make_meeting_key(MEETING, now) for now in (1, 2))
        assert (first.key, first.created, second.created) == (second.key, 1, 2)


def test_every_meeting_has_its_own_key(folder: Path) -> None:
    with Keyring(folder) as ring:
        keys = {ring.make_meeting_key(meeting, 1).key for meeting in (MEETING, OTHER)}
        assert len(keys) == 2
        assert ring.meetings() == [MEETING, OTHER]


def test_destroyed_key_is_gone(folder: Path) -> None:
    with Keyring(folder) as ring:
        made = ring.make_meeting_key(MEETING, 1)
        other = ring.make_meeting_key(OTHER, 1)
        ring.destroy(MEETING)
        ring.destroy(MEETING)
        assert ring.meeting_private(MEETING) is None
        assert not ring.holds(made)
        assert ring.holds(other)
        assert ring.meetings() == [OTHER]
        assert names(folder) == {
            "lock",
            "log.lock",
            "identity.key",
            f"meetings/{suite.encode(OTHER)}.key",
        }
        # A new key of the same meeting is another one.
        again = ring.make_meeting_key(MEETING, 2)
        assert again.key != made.key
        assert not ring.holds(made)


def test_destroyed_bytes_are_overwritten(folder: Path) -> None:
    """As far as a file system overwrites in place: somebody who holds the file sees zeros."""
    with Keyring(folder) as ring:
        ring.make_meeting_key(MEETING, 1)
        with (folder / "meetings" / f"{suite.encode(MEETING)}.key").open("rb") as held:
            assert held.read() != bytes(32)
            ring.destroy(MEETING)
            held.seek(0)
            assert held.read() == bytes(32)


def test_one_owner_at_a_time(folder: Path) -> None:
    with Keyring(folder), pytest.raises(KeyringError, match="Another"):
        Keyring(folder)
    with Keyring(folder):
        pass


def test_closed_keyring_gives_nothing(folder: Path) -> None:
    ring = Keyring(folder)
    ring.close()
    ring.close()
    for call in (
        lambda: ring.make_meeting_key(MEETING, 1),
        lambda: ring.meeting_private(MEETING),
        lambda: ring.destroy(MEETING),
    ):
        with pytest.raises(ValueError, match="closed"):
            call()


def test_crash_while_writing(folder: Path) -> None:
    with Keyring(folder) as ring:
        killed = mock.patch.object(Path, "rename", side_effect=SystemExit)
        with killed, pytest.raises(SystemExit):
            ring.make_meeting_key(MEETING, 1)
        assert ring.meeting_private(MEETING) is None
        assert any(".new-" in name for name in names(folder))
    with Keyring(folder) as ring:
        assert names(folder) == {"lock", "log.lock", "identity.key"}


def test_what_cannot_be_written_leaves_nothing(folder: Path) -> None:
    with Keyring(folder) as ring:
        full = mock.patch.object(Path, "rename", side_effect=OSError(28, "No space left"))
        with full, pytest.raises(KeyringError, match="No space left"):
            ring.make_meeting_key(MEETING, 1)
        assert ring.meeting_private(MEETING) is None
        assert names(folder) == {"lock", "log.lock", "identity.key"}


def test_crash_while_destroying(folder: Path) -> None:
    """Once its name is gone a key is never found again, and the rest is done at the next start."""
    with Keyring(folder) as ring:
        ring.make_meeting_key(MEETING, 1)
        broken = mock.patch.object(keyring, "_shred", side_effect=OSError(5, "I/O error"))
        with broken, pytest.raises(KeyringError):
            ring.destroy(MEETING)
        assert ring.meeting_private(MEETING) is None
        assert any(".gone-" in name for name in names(folder))
    with Keyring(folder) as ring:
        assert names(folder) == {"lock", "log.lock", "identity.key"}
        assert ring.meeting_private(MEETING) is None


def test_durable_before_it_is_given_out(folder: Path) -> None:
    """File first, then its name, then the folder: what power loss may take back is never used."""
    steps: list[str] = []
    with Keyring(folder) as ring:
        fsync, rename = os.fsync, Path.rename

        def synced(descriptor: int) -> None:
            kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
            steps.append(kind)
            fsync(descriptor)

        def renamed(path: Path, target: Path) -> Path:
            steps.append("rename")
            return rename(path, target)

        with (
            mock.patch.object(os, "fsync", synced),
            mock.patch.object(Path, "rename", renamed),
        ):
            ring.make_meeting_key(MEETING, 1)
            assert steps == ["file", "rename", "folder"]
            steps.clear()
            ring.destroy(MEETING)
            assert steps == ["rename", "folder", "file", "folder"]
            steps.clear()
            ring.destroy(MEETING)  # an unlink of before may not have been durable
            assert steps == ["rename", "folder"]


def test_folders_are_durable(folder: Path) -> None:
    synced: set[int] = set()
    fsync = os.fsync

    def note(descriptor: int) -> None:
        synced.add(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    with mock.patch.object(os, "fsync", note), Keyring(folder):
        for path in (folder.parent, folder, folder / "identity.key"):
            assert path.stat().st_ino in synced


def test_torn_key_is_not_used(folder: Path) -> None:
    with Keyring(folder) as ring:
        ring.make_meeting_key(MEETING, 1)
        path = folder / "meetings" / f"{suite.encode(MEETING)}.key"
        for content in (b"", bytes(31), bytes(33)):
            path.write_bytes(content)
            with pytest.raises(KeyringError, match="not whole"):
                ring.meeting_private(MEETING)
            with pytest.raises(KeyringError, match="not whole"):
                ring.make_meeting_key(MEETING, 1)


def test_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "elsewhere"
    secret.write_bytes(bytes(32))
    with Keyring(folder) as ring:
        (folder / "meetings" / f"{suite.encode(MEETING)}.key").symlink_to(secret)
        with pytest.raises(KeyringError):
            ring.meeting_private(MEETING)


def test_lost_identity_is_not_replaced(folder: Path) -> None:
    with Keyring(folder) as ring:
        ring.make_meeting_key(MEETING, 1)
    (folder / "identity.key").unlink()
    with pytest.raises(KeyringError, match="identity"):
        Keyring(folder)
    # And the folder was let go of.
    with pytest.raises(KeyringError, match="identity"):
        Keyring(folder)


def test_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(KeyringError):
        Keyring(tmp_path / "file")
    with pytest.raises(KeyringError):
        Keyring(tmp_path / "file" / "vault")


def test_foreign_files_are_no_keys(folder: Path) -> None:
    with Keyring(folder) as ring:
        for name in ("x.key", ".key", f"{suite.encode(MEETING)}.keys", "README"):
            (folder / "meetings" / name).write_bytes(bytes(32))
        assert ring.meetings() == []


def test_meeting_ids_are_not_paths(folder: Path) -> None:
    with Keyring(folder) as ring, pytest.raises(ValueError, match="id of a meeting"):
        ring.meeting_private(b"../identity")


def test_errors_tell_no_meeting(folder: Path) -> None:
    with Keyring(folder) as ring:
        path = folder / "meetings" / f"{suite.encode(MEETING)}.key"
        path.mkdir()
        with pytest.raises(KeyringError) as caught:
            ring.meeting_private(MEETING)
        assert suite.encode(MEETING) not in str(caught.value)


def test_programs_that_make_backups_are_told_to_leave_the_keys_out(folder: Path) -> None:
    with Keyring(folder):
        tag = folder / "meetings" / "CACHEDIR.TAG"
        assert tag.read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55\n")
    assert not (folder / "CACHEDIR.TAG").exists(), "the identity belongs into the backup"


def test_the_vaults_that_were_taken_over_are_remembered(folder: Path) -> None:
    with Keyring(folder) as ring:
        mine = ring.identity_public
        ring.take_over([bytes(32), mine])
    with Keyring(folder) as ring:
        assert ring.former == (bytes(32),)
        ring.take_over([b"x" * 32, bytes(32)])
        assert ring.former == (bytes(32), b"x" * 32)
    (folder / "identity.former").write_text("?")
    with pytest.raises(KeyringError):
        Keyring(folder)


def test_an_identity_that_is_gone_is_said_to_be(folder: Path) -> None:
    with Keyring(folder) as ring:
        ring.make_meeting_key(MEETING, 1)
    (folder / "identity.key").unlink()
    with pytest.raises(KeyringError) as caught:
        Keyring(folder)
    assert caught.value.code == "vault-identity-missing"
    with Keyring(folder, adopts=True) as ring:
        assert ring.meetings() == []
