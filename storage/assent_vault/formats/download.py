"""Chunks of a download: a data set as a tar, sealed piece by piece to the key of a page.

FORMAT.md section 15.10. Nothing here can open one: what opens it is in the page alone.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.cobblestone import Cobblestone256Encryptor
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.errors import FormatError
from assent_vault.formats import document, suite
from assent_vault.formats.segment import context
from assent_vault.formats.suite import SUITE, encode

TYPE: Final = "assent/download-chunk/v1"
MAX_HEADER_BYTES: Final = 4096
DOWNLOAD_BYTES: Final = 16
EXPORT_BYTES: Final = 16
CHUNK_BYTES: Final = 8 * 1024 * 1024
"""Of the tar, in each chunk but the last, which has what is left."""

_LENGTH = struct.Struct(">I")  # u32


@dataclass(frozen=True, slots=True)
class DownloadPlace:
    """Where a chunk stands. ``manifest`` is the digest of the data set's, ``total`` the bytes of
    the whole tar."""

    download: bytes
    export: bytes
    manifest: bytes
    number: int
    total: int

    @property
    def begin(self) -> int:
        """Where in the tar it begins."""
        return self.number * CHUNK_BYTES

    @property
    def size(self) -> int:
        """How many bytes of the tar it has."""
        return min(CHUNK_BYTES, self.total - self.begin)

    @property
    def is_last(self) -> bool:
        """Whether nothing comes after it."""
        return self.number == chunks_of(self.total) - 1

    @property
    def info(self) -> bytes:
        """What its box is bound to."""
        return b"assent/download/v1\0" + self.download + self.export + _LENGTH.pack(self.number)


def chunks_of(total: int) -> int:
    """Return how many chunks a tar of so many bytes makes; none is empty."""
    return -(-total // CHUNK_BYTES)


def seal_chunk(
    place: DownloadPlace,
    plaintext: bytes,
    public: bytes,
    identity: Ed25519PrivateKey,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> bytes:
    """Return the object of a chunk; raises SealError where the key cannot be sealed to.

    Its key is drawn for it alone, so that whoever goes on after a crash needs none of before.
    """
    if len(plaintext) != place.size or not plaintext:
        raise ValueError("a chunk has just the bytes of its place")
    key = random(suite.KEY_BYTES)
    header = document.write(
        {
            "type": TYPE,
            "suite": SUITE,
            "download": encode(place.download),
            "export": encode(place.export),
            "manifest": encode(place.manifest),
            "number": place.number,
            "last": place.is_last,
            "total": place.total,
            "box": encode(suite.seal(public, key, place.info)),
        }
    )
    parse_chunk_header(header)  # what cannot be read must not be written
    encryptor = Cobblestone256Encryptor(key, context(header))
    return b"".join(
        (
            _LENGTH.pack(len(header)),
            header,
            suite.sign(identity, TYPE, header),
            encryptor.update(plaintext),
            encryptor.finalize(),
        )
    )


def parse_chunk_header(body: bytes) -> tuple[DownloadPlace, bytes]:
    """Read the header of a chunk; returns where it stands, and its box. Raises FormatError."""
    fields = document.read(body, TYPE, most=MAX_HEADER_BYTES).only(
        "type", "suite", "download", "export", "manifest", "number", "last", "total", "box"
    )
    fields.exactly("suite", SUITE)
    place = DownloadPlace(
        download=fields.b64("download", DOWNLOAD_BYTES),
        export=fields.b64("export", EXPORT_BYTES),
        manifest=fields.b64("manifest", suite.DIGEST_BYTES),
        number=fields.integer("number"),
        total=fields.integer("total", least=1),
    )
    if place.begin >= place.total:
        fields.fail("number", "is beyond the end")
    if fields.boolean("last") != place.is_last:
        fields.fail("last", "does not fit the number")
    return place, fields.b64("box", suite.BOX_BYTES)


def split_chunk(data: bytes) -> tuple[bytes, bytes, bytes]:
    """Split an object into header, signature and ciphertext, believing nothing of it.

    Raises FormatError.
    """
    if len(data) < _LENGTH.size:
        raise FormatError("chunk", "is cut short")
    (length,) = _LENGTH.unpack_from(data)
    if length > MAX_HEADER_BYTES:
        raise FormatError("chunk", f"has a header over {MAX_HEADER_BYTES} bytes")
    end = _LENGTH.size + length
    if len(data) < end + suite.SIGNATURE_BYTES:
        raise FormatError("chunk", "is cut short")
    return (
        data[_LENGTH.size : end],
        data[end : end + suite.SIGNATURE_BYTES],
        data[end + suite.SIGNATURE_BYTES :],
    )
