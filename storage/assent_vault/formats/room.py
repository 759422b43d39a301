"""The room document: what the link of a meeting pins (FORMAT.md section 4).

The browser that makes a meeting composes it, and the fragment of the link has its digest: so a
server can neither widen what may be asked in there, nor put another vault or host in place.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from assent_vault.formats import document, suite
from assent_vault.formats.suite import SUITE_2, encode

TYPE: Final = "assent/room/v2"
MAX_BYTES: Final = 2 * 1024
MAX_RETENTION_DAYS: Final = 36_500
MAX_COOLING_OFF_SECONDS: Final = 366 * 24 * 60 * 60


class Mode(StrEnum):
    """Who can open what is sent live: the people alone, or the server that relays it as well."""

    END_TO_END = "end-to-end"
    RELAYED = "relayed"


@dataclass(frozen=True, slots=True)
class Room:
    """A room document that has been read. ``digest`` is what links and charters name.

    ``host`` is the Ed25519 public key that certifies hosts, ``vault`` and ``server`` are those that
    the charter has. The numbers are bounds: a charter may keep for fewer days, and wait longer.
    """

    host: bytes
    mode: Mode
    recording: bool
    training: bool
    waiting_room: bool
    retention_days: int
    cooling_off_seconds: int
    vault: bytes
    server: bytes
    random: bytes
    body: bytes
    digest: bytes


def make(
    *,
    host: bytes,
    mode: Mode,
    recording: bool,
    training: bool,
    waiting_room: bool,
    retention_days: int,
    cooling_off_seconds: int,
    vault: bytes,
    server: bytes,
    random: bytes,
) -> Room:
    """Write a room document; raises FormatError where FORMAT.md does not allow it."""
    return parse(
        document.write(
            {
                "type": TYPE,
                "suite": SUITE_2,
                "host": encode(host),
                "mode": mode,
                "recording": recording,
                "training": training,
                "waiting_room": waiting_room,
                "retention_days": retention_days,
                "cooling_off_seconds": cooling_off_seconds,
                "vault": encode(vault),
                "server": encode(server),
                "random": encode(random),
            }
        )
    )


def parse(body: bytes) -> Room:
    """Read a room document; raises FormatError."""
    fields = document.read(body, TYPE, most=MAX_BYTES).only(
        "type", "suite", "host", "mode", "recording", "training", "waiting_room", "retention_days",
        "cooling_off_seconds", "vault", "server", "random",
    )  # fmt: skip
    fields.exactly("suite", SUITE_2)
    recording = fields.boolean("recording")
    training = fields.boolean("training")
    # "`training` MUST be false where `recording` is."
    if training and not recording:
        fields.fail("training", "is offered without recording")
    return Room(
        host=fields.sign_public("host"),
        mode=Mode(fields.choice("mode", tuple(Mode))),
        recording=recording,
        training=training,
        waiting_room=fields.boolean("waiting_room"),
        retention_days=fields.integer("retention_days", least=1, most=MAX_RETENTION_DAYS),
        cooling_off_seconds=fields.integer("cooling_off_seconds", most=MAX_COOLING_OFF_SECONDS),
        vault=fields.sign_public("vault"),
        server=fields.sign_public("server"),
        random=fields.b64("random", suite.KEY_BYTES),
        body=body,
        digest=suite.digest(body),
    )
