"""The meeting and the people that all vectors are about, and sealing that remembers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.formats import generation_segment, suite
from assent_vault.formats.generation_segment import GenerationSegment
from assent_vault.formats.suite import decode, encode
from support.people import NOTICE_DIGEST, Meeting, Person, make_meeting

MEETING = bytes(range(16))
OTHER_NOTICE = suite.digest(b"Nous vous demandons si nous pouvons vous enregistrer.\n")
FOREIGN_NOTICE = suite.digest(b"Words that nobody published.\n")

Json = dict[str, Any]


def fixed(label: str) -> bytes:
    """Return 32 bytes that are always the same."""
    return suite.digest(label.encode())


def drawn(label: str) -> Callable[[int], bytes]:
    """Return a source of "random" bytes that always gives the same row."""
    count = 0

    def draw(length: int) -> bytes:
        nonlocal count
        count += 1
        assert length == 32
        return fixed(f"{label} {count}")

    return draw


class Sealed:
    """What sealing drew, remembered."""

    def __init__(self, known: dict[str, str]) -> None:
        self._known = known
        self.used: dict[str, str] = {}
        self._seal = suite.seal
        self._seal_generation_segment = generation_segment.seal_generation_segment

    def seal(self, public: bytes, plaintext: bytes, info: bytes) -> bytes:
        """Stand in for suite.seal."""
        if not plaintext:
            return self._seal(public, plaintext, info)  # only tries whether a key can be used
        return self.once(public + info + plaintext, lambda: self._seal(public, plaintext, info))

    def seal_generation_segment(
        self, header: GenerationSegment, plaintext: bytes, key: bytes
    ) -> bytes:
        """Stand in for generation_segment.seal_generation_segment."""
        return self.once(
            header.to_bytes() + key + plaintext,
            lambda: self._seal_generation_segment(header, plaintext, key),
        )

    def once(self, of: bytes, make: Callable[[], bytes]) -> bytes:
        """Return what was made of it the first time."""
        name = encode(suite.digest(of))
        self.used[name] = self._known.get(name) or encode(make())
        return decode(self.used[name])


def meeting(
    *, recording: bool = True, training: bool = True, cooling_off_seconds: int = 0
) -> Meeting:
    """Return the meeting that the vectors are about."""
    return make_meeting(
        recording=recording,
        training=training,
        cooling_off_seconds=cooling_off_seconds,
        meeting=MEETING,
        drawn=b"".join(map(fixed, ("host key", "room", "link"))),
        notices={"en": NOTICE_DIGEST, "fr": OTHER_NOTICE},
        server=Ed25519PrivateKey.from_private_bytes(fixed("server key")),
        vault_identity=Ed25519PrivateKey.from_private_bytes(fixed("vault identity")),
        vault_private=fixed("vault key"),
    )


def person(place: Meeting, name: str) -> Person:
    """Return one of the people that the vectors are about; they have not enrolled yet."""
    return Person(place.charter, place.vault_key, fixed(f"seed of {name}"))
