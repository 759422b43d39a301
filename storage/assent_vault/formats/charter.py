"""The charter: what may be asked in a meeting, fixed when it is created (FORMAT.md section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from assent_vault.formats import document, suite
from assent_vault.formats.room import MAX_COOLING_OFF_SECONDS, MAX_RETENTION_DAYS, Mode, Room
from assent_vault.formats.suite import encode

TYPE: Final = "assent/charter/v2"
MAX_BYTES: Final = 4 * 1024
DAY_MS: Final = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Charter:
    """A charter that has been read. ``body`` is its exact bytes, ``digest`` what enrolments name.

    ``expires`` is when the meeting is over at the latest (Unix ms). ``retention_days`` after its
    end the recording is destroyed, and a release waits ``cooling_off_seconds`` after the last yes:
    the numbers of the words, which everybody's signature covers. ``notices`` gives, by language,
    the digest of the words in force. ``vault`` and ``server`` are the Ed25519 public keys that
    vouch for the meeting's vault key and for closings. ``room`` is the digest of the document that
    the link pins.
    """

    meeting: bytes
    room: bytes
    mode: Mode
    created: int
    recording: bool
    training: bool
    waiting_room: bool
    expires: int
    retention_days: int
    cooling_off_seconds: int
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

    def kept_until(self, *ends: int | None, retention_days: int | None = None) -> int:
        """Return when the recording must be gone at the latest, in Unix milliseconds.

        ``ends`` are all the times that are known for the meeting's end, None for those that are
        not: the earliest counts, and no meeting ends later than ``expires``. ``retention_days`` is
        what is set now, None where nothing is: it can shorten what was signed, and not lengthen it.
        """
        end = min([self.expires, *(end for end in ends if end is not None)])
        days = [self.retention_days, *([] if retention_days is None else [retention_days])]
        return end + min(days) * DAY_MS


def make(
    *,
    meeting: bytes,
    room: bytes,
    created: int,
    recording: bool,
    training: bool,
    waiting_room: bool,
    expires: int,
    retention_days: int,
    cooling_off_seconds: int,
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
                "room": encode(room),
                "mode": Mode.RELAYED,
                "created": created,
                "recording": recording,
                "training": training,
                "waiting_room": waiting_room,
                "expires": expires,
                "retention_days": retention_days,
                "cooling_off_seconds": cooling_off_seconds,
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
        "type", "meeting", "room", "mode", "created", "recording", "training", "waiting_room",
        "expires", "retention_days", "cooling_off_seconds", "notice", "vault", "server",
    )  # fmt: skip
    # "`mode` is "relayed"": nothing that reads charters can do another yet, nor may it pretend to.
    fields.exactly("mode", Mode.RELAYED)
    notice = fields.child("notice").only("version", "texts")
    recording = fields.boolean("recording")
    training = fields.boolean("training")
    if training and not recording:
        fields.fail("training", "is offered without recording")
    created = fields.integer("created")
    expires = fields.integer("expires", least=created)
    return Charter(
        meeting=fields.b64("meeting", suite.MEETING_BYTES),
        room=fields.b64("room", suite.DIGEST_BYTES),
        mode=Mode.RELAYED,
        created=created,
        recording=recording,
        training=training,
        waiting_room=fields.boolean("waiting_room"),
        expires=expires,
        retention_days=fields.integer("retention_days", least=1, most=MAX_RETENTION_DAYS),
        cooling_off_seconds=fields.integer("cooling_off_seconds", most=MAX_COOLING_OFF_SECONDS),
        notice_version=notice.integer("version", least=1),
        notices=MappingProxyType(notice.digests_by_language("texts")),
        vault=fields.sign_public("vault"),
        server=fields.sign_public("server"),
        body=body,
        digest=suite.digest(body),
    )


def refused(charter: Charter, room: Room) -> Literal["other-room", "wider-charter"] | None:
    """Return why pages refuse a charter that comes with ``room``, None where they do not."""
    if charter.room != room.digest:
        return "other-room"
    wider = (
        (charter.mode, charter.vault, charter.server) != (room.mode, room.vault, room.server)
        or (charter.recording and not room.recording)
        or (charter.training and not room.training)
        or (room.waiting_room and not charter.waiting_room)
        or charter.retention_days > room.retention_days
        or charter.cooling_off_seconds < room.cooling_off_seconds
    )
    return "wider-charter" if wider else None
