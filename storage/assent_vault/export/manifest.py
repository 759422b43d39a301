"""The manifest of a data set: every file with its digest, every track with its place in time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.export.folder import File
from assent_vault.export.join import Joined
from assent_vault.export.timeline import Stretch
from assent_vault.formats import suite

TYPE: Final = "assent/manifest/v1"

_RATE: Final = 48_000  # Hz; Opus is always decoded to that, or to a fraction of it
_COLOUR: Final = {
    "matrix": "smpte170m",
    "range": "limited",
    "transfer": "smpte170m",
    "primaries": "smpte170m",
}

# For who opens the folder without having read anything else.
_ABOUT: Final = (
    "Everyone who was ever let into these meetings has agreed to training, and nobody had"
    " withdrawn when this data set was committed. media/<meeting>/<speaker>.<source>.webm holds"
    " one track of one person. All tracks of a meeting are on one timeline: a timestamp in a file"
    " is a time of the meeting in milliseconds from the first thing that was recorded of it, and"
    " what was not recorded, or did not arrive, is a gap, which most decoders close: place what"
    " you decode by its timestamps. Speakers are pseudonyms of this data set alone; names as"
    " typed are not in it. consent/<meeting> holds what people, server and vault have signed,"
    " byte for byte: charter, notices, vault key, each speaker's enrolment and answers, the"
    " header and closing of each epoch. A signature X.sig is the 64 bytes of an Ed25519 signature"
    " over the type of the document X.json, a zero byte, and the document. These documents hold"
    " the ids that people have in the meeting. The signature of this manifest is the vault's."
)


@dataclass(frozen=True, slots=True)
class TrackEntry:
    """A media file: whose, and what is in it and when."""

    path: str
    speaker: str
    source: str
    joined: Joined


@dataclass(frozen=True, slots=True)
class MeetingEntry:
    """A meeting in the data set, with every file that belongs to it."""

    meeting: str
    notice_version: int
    evidence: bytes
    duration: int
    stretches: tuple[Stretch, ...]
    tracks: tuple[TrackEntry, ...]
    files: tuple[File, ...]


def build(export_id: str, created: int, identity: bytes, meetings: Sequence[MeetingEntry]) -> bytes:
    """Write the manifest. ``identity`` is the public key of the vault that signs it."""
    files = sorted(
        (file for meeting in meetings for file in meeting.files), key=lambda file: file.path
    )
    document: dict[str, Any] = {
        "type": TYPE,
        "about": _ABOUT,
        "export": export_id,
        "created": created,
        "vault": suite.encode(identity),
        "meetings": [
            {
                "meeting": meeting.meeting,
                "notice_version": meeting.notice_version,
                "evidence": meeting.evidence.hex(),
                "duration": meeting.duration,
                "epochs": [
                    {
                        "epoch": stretch.epoch,
                        "start": stretch.start,
                        "end": stretch.end,
                        "interrupted": stretch.interrupted,
                    }
                    for stretch in meeting.stretches
                ],
                "tracks": [_track(track) for track in meeting.tracks],
            }
            for meeting in sorted(meetings, key=lambda meeting: meeting.meeting)
        ],
        "files": [
            {"path": file.path, "size": file.size, "sha256": file.sha256.hex()} for file in files
        ],
    }
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _track(track: TrackEntry) -> dict[str, Any]:
    """Write a track's part: FORMAT.md section 15 says what each field means, and in what unit."""
    joined = track.joined
    said: dict[str, Any] = {
        "path": track.path,
        "speaker": track.speaker,
        "source": track.source,
        "codec": joined.codec,
        "offset": joined.start,
        "duration": joined.end - joined.start,
        "gaps": [{"start": start, "end": end} for start, end in joined.gaps],
    }
    if joined.channels is not None:
        return said | {"rate": _RATE, "channels": joined.channels}
    sizes = [{"at": size.at, "width": size.width, "height": size.height} for size in joined.sizes]
    return said | {"sizes": sizes, "colour": _COLOUR}


def sign(identity: Ed25519PrivateKey, manifest: bytes) -> bytes:
    """Sign a manifest as the vault; 64 bytes."""
    return suite.sign(identity, TYPE, manifest)
