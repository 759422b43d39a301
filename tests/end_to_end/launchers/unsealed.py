"""The product with its sealing switched off: it stores the plaintext of each segment.

For one test only, which shows with it that the search for plaintext would find some.
"""

from __future__ import annotations

import struct
import sys

from assent_vault.formats import segment
from assent_vault.formats.segment import SegmentHeader


def unsealed(header: SegmentHeader, plaintext: bytes, track_key: bytes) -> bytes:
    """Stand in for ``seal_segment``; the key is not used."""
    written = header.to_bytes()
    return struct.pack(">I", len(written)) + written + plaintext


segment.seal_segment = unsealed  # before anything of the server has looked it up

from assent.cli import main  # noqa: E402

sys.exit(main())
