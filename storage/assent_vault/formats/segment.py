"""What binds the ciphertext of an object to the header in front of it (FORMAT.md section 9)."""

from __future__ import annotations

import hashlib
import struct
from typing import Final

MAX_HEADER_BYTES: Final = 1024

_LENGTH = struct.Struct(">I")  # u32


def context(header: bytes) -> bytes:
    """Return what binds a ciphertext to its header: the SHA-256 of ``u32 length ‖ header``."""
    return hashlib.sha256(_LENGTH.pack(len(header)) + header).digest()
