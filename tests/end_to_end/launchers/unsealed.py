"""The product with its sealing switched off: it stores the plaintext of each segment.

For one test only, which shows with it that the search for plaintext would find some.
"""

from __future__ import annotations

import struct
import sys

from assent_vault.formats import frame_cipher, generation_segment
from assent_vault.formats.generation_segment import GenerationSegment
from assent_vault.formats.sframe import SframeKey


def unsealed(header: GenerationSegment, plaintext: bytes, track_key: bytes) -> bytes:
    """Stand in for ``seal_generation_segment``; the key is not used."""
    written = header.to_bytes()
    return struct.pack(">I", len(written)) + written + plaintext


def unencrypted(key: SframeKey, ctr: int, codec: str, ms: int, frame: bytes) -> bytes:
    """Stand in for ``seal_frame``."""
    return frame


# Before anything of the server has looked them up.
generation_segment.seal_generation_segment = unsealed
frame_cipher.seal_frame = unencrypted

from assent.cli import main  # noqa: E402

sys.exit(main())
