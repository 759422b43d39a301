"""A page that fetches a data set, in Python: asks with a key, opens what it gets, acknowledges it.

It reads and writes the rows and objects as the server does for a browser.
"""

from __future__ import annotations

import secrets
import subprocess
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from sqlalchemy import update

from assent_vault.errors import SealError
from assent_vault.export import new_id
from assent_vault.formats import suite
from assent_vault.formats.download import TYPE, parse_chunk_header, split_chunk
from assent_vault.formats.objects import chunk_key
from assent_vault.formats.segment import context
from assent_vault.store.models import AccountRow, DownloadRow
from support.vault import VaultScene

_LABEL = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"
_PIECE = 16 * 1024 + 16


async def account(stage: VaultScene, role: str = "administrator", **more: Any) -> str:
    """Make an account; returns its id."""
    id_ = new_id()
    async with stage.database.write() as session:
        session.add(
            AccountRow(
                id=id_, name=id_, login=id_, role=role, password_hash="", created_at=1, **more
            )
        )
    return id_


def decrypt(key: bytes, bound: bytes, sealed: bytes) -> bytes:
    """Open C2SP chunked-encryption by its document (Cobblestone-256); raises SealError."""
    salt, commitment, rest = sealed[:24], sealed[24:56], sealed[56:]
    derived = HKDFExpand(SHA512(), 32 + 12 + 32, _LABEL + salt + bound).derive(key)
    if derived[44:] != commitment or len(rest) % _PIECE < 16:
        raise SealError
    aead, nonce = AESGCM(derived[:32]), int.from_bytes(derived[32:44])
    pieces = [rest[at : at + _PIECE] for at in range(0, len(rest), _PIECE)]
    try:
        return b"".join(
            aead.decrypt((nonce ^ number).to_bytes(12), piece, b"")
            for number, piece in enumerate(pieces)
        )
    except InvalidTag as error:
        raise SealError from error


def open_chunk(private: bytes, identity: bytes, data: bytes) -> tuple[Any, bytes]:
    """Return where a chunk stands and what is in it; raises as it does not open."""
    header, signature, ciphertext = split_chunk(data)
    suite.verify(identity, TYPE, header, signature)
    place, box = parse_chunk_header(header)
    key = suite.unseal(private, box, place.info)
    return place, decrypt(key, context(header), ciphertext)


class DownloadingPage:
    """A page with a download of its own."""

    def __init__(self, stage: VaultScene, export: str, account_id: str) -> None:
        self.stage, self.export, self.account = stage, export, account_id
        self.id = new_id()
        self.private = secrets.token_bytes(32)
        self.tar = b""
        self.number = 0

    async def ask(self, **more: Any) -> None:
        """Have the server write down that it asks."""
        now = self.stage.clock.now()
        values = {
            "id": self.id, "export_id": self.export, "state": "requested",
            "public_key": suite.xwing_public(self.private), "requested_by": self.account,
            "requested_at": now, "seen_at": now,
        }  # fmt: skip
        async with self.stage.database.write() as session:
            session.add(DownloadRow(**(values | more)))

    async def row(self) -> DownloadRow:
        """Return its row as it is now."""
        async with self.stage.database.read() as session:
            row = await session.get(DownloadRow, self.id)
        assert row is not None
        return row

    async def change(self, **values: Any) -> None:
        """Change its row, as the server does or anybody."""
        async with self.stage.database.write() as session:
            await session.execute(
                update(DownloadRow).where(DownloadRow.id == self.id).values(**values)
            )

    async def objects(self) -> list[str]:
        """Return what lies in the store of it."""
        return [key async for key, _ in self.stage.blobs.list(f"downloads/{self.id}/")]

    async def take(self) -> int:
        """Take all chunks that are there, and acknowledge each; returns how many."""
        row = await self.row()
        taken = 0
        while self.number < row.sealed:
            data = await self.stage.blobs.get(chunk_key(self.id, self.number))
            identity = self.stage.worker._keyring.identity_public
            place, plaintext = open_chunk(self.private, identity, data)
            assert (suite.encode(place.download), place.number) == (self.id, self.number)
            assert suite.encode(place.export) == self.export
            assert (place.total, place.size) == (row.octets, len(plaintext))
            self.tar += plaintext
            self.number += 1
            taken += 1
            is_over = self.number == row.chunks
            assert is_over == place.is_last
            await self.change(taken=self.number, **({"state": "done"} if is_over else {}))
            await self.stage.blobs.delete(chunk_key(self.id, self.number - 1))
        return taken

    async def run(self) -> None:
        """Take until there is nothing more."""
        state = "requested"
        while state in ("requested", "running"):
            await self.stage.worker.downloads.carry_out()
            state = (await self.row()).state
            if state != "running" or await self.take() == 0:
                return


def unpack(tar: bytes, into: Path) -> Path:
    """Unpack a tar as people do; returns the one folder in it."""
    into.mkdir()
    subprocess.run(["tar", "-x", "-C", str(into)], input=tar, check=True)
    (found,) = into.iterdir()
    return found


def content(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder by its path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
