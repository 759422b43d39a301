"""The short code: read aloud, the same exactly where all see the same people with the same keys.

FORMAT-2.md section 15. Its rounds are there because whoever chooses keys can try many.
"""

from __future__ import annotations

import hashlib
from typing import Final

from assent_vault.formats.generation_header import GenerationHeader

ROUNDS: Final = 200_000
GROUPS: Final = 6
_GROUP_BYTES: Final = 5


def short_code(header: GenerationHeader) -> tuple[str, ...]:
    """Return six groups of five digits, of everyone in ``header`` but those removed."""
    removed = {each.id for each in header.removed}
    everyone = header.charter + b"".join(
        person.id + person.enrolment for person in header.people if person.id not in removed
    )
    stretched = hashlib.pbkdf2_hmac(
        "sha256", everyone, b"assent/code/v2\0" + header.charter, ROUNDS, GROUPS * _GROUP_BYTES
    )
    return tuple(
        f"{int.from_bytes(stretched[at : at + _GROUP_BYTES], 'big') % 100_000:05}"
        for at in range(0, len(stretched), _GROUP_BYTES)
    )
