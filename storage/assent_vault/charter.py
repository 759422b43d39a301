"""The charter: what may be asked in a meeting, fixed when it is created (FORMAT.md section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from assent_vault import document, suite
from assent_vault.suite import encode

TYPE: Final = "assent/charter/v1"
MAX_BYTES: Final = 4 * 1024


@dataclass(frozen=True, slots=True)
class Charter:
    """A charter that has been read. ``body`` is its exact bytes, ``digest`` what enrolments name.

    ``notices`` gives, by language, the digest of the words in force. ``vault`` and ``server`` are
    the Ed25519 public keys that vouch for the meeting's vault key and for closings.
    """

    meeting: bytes
    created: int
    recording: bool
    training: bool
    waiting_room: bool
    notice_version: int
    notices: Mapping[str, bytes]
    vault: bytes
    server: bytes
    body: bytes
    digest: bytes

    def to_bytes(self) -> bytes:
        """Return the exact bytes, for storing and for handing out."""
        return self.body

    def in_force(self, notice: bytes) -> bool:
        """Whether these are words that people of this meeting can agree to."""
        return notice in self.notices.values()


def make(
    *,
    meeting: bytes,
    created: int,
    recording: bool,
    training: bool,
    waiting_room: bool,
    notice_version: int,
    notices: Mapping[str, bytes],
    vault: bytes,
    server: bytes,
) -> Charter:
    """Write the charter of a new meeting; raises FormatError where FORMAT.md does not allow it."""
    return parse(
        document.write(
            {
                "type": TYPE,
                "meeting": encode(meeting),
                "created": created,
                "recording": recording,
                "training": training,
                "waiting_room": waiting_room,
                "notice": {
                    "version": notice_version,
                    "texts": {language: encode(text) for language, text in notices.items()},
                },
                "vault": encode(vault),
                "server": encode(server),
            }
        )
    )


def parse(body: bytes) -> Charter:
    """Read a charter; raises FormatError."""
    fields = document.read(body, TYPE, most=MAX_BYTES).only(
        "type", "meeting", "created", "recording", "training", "waiting_room", "notice", "vault",
        "server",
    )  # fmt: skip
    notice = fields.child("notice").only("version", "texts")
    recording = fields.boolean("recording")
    training = fields.boolean("training")
    if training and not recording:
        fields.fail("training", "is offered without recording")
    return Charter(
        meeting=fields.b64("meeting", suite.MEETING_BYTES),
        created=fields.integer("created"),
        recording=recording,
        training=training,
        waiting_room=fields.boolean("waiting_room"),
        notice_version=notice.integer("version"),
        notices=MappingProxyType(notice.digests_by_language("texts")),
        vault=fields.b64("vault", suite.SIGN_PUBLIC_BYTES),
        server=fields.b64("server", suite.SIGN_PUBLIC_BYTES),
        body=body,
        digest=suite.digest(body),
    )
