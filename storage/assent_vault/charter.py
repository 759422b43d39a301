"""The charter of a meeting: what may be asked in it, for good (FORMAT.md section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from assent_vault import document
from assent_vault.errors import FormatError
from assent_vault.suite import DIGEST_BYTES, KEY_BYTES, MEETING_BYTES, digest, encode

TYPE = "assent/charter/v1"
MAX_BYTES = 4 * 1024
MAX_LANGUAGES = 16


@dataclass(frozen=True, slots=True)
class Charter:
    """A parsed charter. ``notices`` maps a language to the digest of the text in force in it."""

    meeting: bytes
    created: int
    recording: bool
    training: bool
    waiting_room: bool
    notice_version: int
    notices: Mapping[str, bytes]
    vault: bytes
    server: bytes
    body: bytes = field(repr=False)

    @property
    def digest(self) -> bytes:
        """The digest that every enrolment names."""
        return digest(self.body)

    def in_force(self, notice: bytes, language: str) -> bool:
        """Whether these are the words of this meeting, in that language."""
        return self.notices.get(language) == notice


def build(
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
    """Make the charter of a new meeting; raises FormatError where the rules forbid it."""
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
    fields = document.read(body, TYPE, MAX_BYTES)
    notice = fields.inner("notice")
    texts = notice.inner("texts")
    languages = texts.names()
    if not 1 <= len(languages) <= MAX_LANGUAGES:
        raise FormatError(f"not 1 to {MAX_LANGUAGES} languages", "notice.texts")
    charter = Charter(
        meeting=fields.binary("meeting", MEETING_BYTES),
        created=fields.integer("created"),
        recording=fields.boolean("recording"),
        training=fields.boolean("training"),
        waiting_room=fields.boolean("waiting_room"),
        notice_version=notice.integer("version", least=1),
        notices={language: texts.binary(language, DIGEST_BYTES) for language in languages},
        vault=fields.binary("vault", KEY_BYTES),
        server=fields.binary("server", KEY_BYTES),
        body=body,
    )
    notice.done()
    fields.done()
    if charter.training and not charter.recording:
        raise FormatError("training without recording", "training")
    return charter
