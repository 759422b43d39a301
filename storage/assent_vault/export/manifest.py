"""The manifest of a data set: every file with its digest, every track with its place in time.

It is signed as a detached JWS (RFC 7515 appendix F), so that whoever receives a data set needs
nothing of ours to check it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from assent_vault import jws
from assent_vault.dataset.signed_manifest import TYPE
from assent_vault.export.description import DataSet, MeetingEntry, TrackEntry
from assent_vault.export.folder import File
from assent_vault.export.pictures import Pictures
from assent_vault.export.sound import LeftOut, Sound
from assent_vault.formats import suite
from assent_vault.store.export_order import Options

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
    " withdrawn when this data set was committed. data/<meeting>/<speaker>.<source> holds one track"
    " of one person: sound as .opus, pictures as .webm. All tracks of a meeting are on one"
    " timeline, in milliseconds from the first thing that was recorded of it: each sound covers"
    " all of it, with silence where nothing was recorded or arrived, and pictures are where their"
    " timestamps say. Speakers are pseudonyms of this data set alone; names as typed are not in it."
    " consent.tar, where it is there, holds what people, server and vault have signed, byte for"
    " byte, and in these documents the ids that people have in the meeting. MANIFEST.jws is the"
    " vault's signature of this file, a detached JWS (RFC 7515 appendix F). README.md tells more."
)


def build(
    data_set: DataSet, files: Iterable[File], recalls: str, packed: Iterable[tuple[str, File]] = ()
) -> bytes:
    """Write the manifest; ``files`` are all that is in the folder but the manifest itself, and
    ``packed`` what is in its shards, each with the shard's path.

    ``recalls`` is what the feed of its recalls is asked for by.
    """
    document: dict[str, Any] = {
        "type": TYPE,
        "about": _ABOUT,
        "export": data_set.export_id,
        "created": data_set.created,
        "vault": suite.encode(data_set.vault),
        "recalls": recalls,
        "recipient": data_set.recipient,
        "purpose": data_set.purpose,
        "replaces": data_set.asked.options.replaces,
        "asked": _asked(data_set.asked.options),
        "meetings": [_meeting(meeting, data_set) for meeting in data_set.meetings],
        "files": [
            {"path": file.path, "size": file.size, "sha256": file.sha256.hex()}
            for file in sorted(files, key=lambda file: file.path)
        ],
    }
    if data_set.places:
        document["packed"] = [
            {"shard": shard, "path": file.path, "size": file.size, "sha256": file.sha256.hex()}
            for shard, file in packed
        ]
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _asked(options: Options) -> dict[str, Any]:
    return {
        "since": options.since,
        "until": options.until,
        "meetings": list(options.meetings) or None,
        "again": options.again,
        "include_exported": options.include_exported,
        "audio_only": options.audio_only,
        "proofs": options.proofs,
        "format": options.format,
        "shard_bytes": options.shard_bytes if options.format != "folder" else None,
        "pcm": options.pcm,
        "languages": list(options.languages) or None,
        "least_duration": options.least_duration,
        "most_filled": options.most_filled,
        "most_clipped": options.most_clipped,
    }


def _meeting(meeting: MeetingEntry, data_set: DataSet) -> dict[str, Any]:
    return {
        "meeting": meeting.meeting,
        "notice_version": meeting.notice_version,
        "evidence": meeting.evidence.hex(),
        "duration": meeting.duration,
        "generations": [
            {
                "number": stretch.number,
                "start": stretch.start,
                "end": stretch.end,
                "interrupted": stretch.interrupted,
                "lost": [list(slots) for slots in stretch.lost],
            }
            for stretch in meeting.stretches
        ],
        "tracks": [_track(track, data_set) for track in meeting.tracks],
        "missing": [
            {"speaker": one.speaker, "source": one.source, "code": one.code}
            for one in meeting.missing
        ],
    }


def _track(track: TrackEntry, data_set: DataSet) -> dict[str, Any]:
    """Write a track's part: FORMAT.md section 15 says what each field means, and in what unit."""
    name = data_set.name_of
    said: dict[str, Any] = {"path": name(track.file), "speaker": track.speaker}
    said |= {"source": track.source, "pcm": None if track.pcm is None else name(track.pcm)}
    media = track.media
    return said | (_sound(media) if isinstance(media, Sound) else _pictures(media))


def _sound(sound: Sound) -> dict[str, Any]:
    filled = sound.filled
    return {
        "codec": "opus",
        "offset": 0,
        "duration": sound.samples * 1000 // _RATE,
        "first": sound.first,
        "last": sound.last,
        "gaps": _gaps(sound.gaps),
        "rate": _RATE,
        "channels": sound.channels,
        "packets": sound.packets,
        "filled": {
            "before": filled.before,
            "between": filled.between,
            "dtx": filled.dtx,
            "lost": filled.lost,
            "off": filled.off,
            "drift": filled.drift,
            "after": filled.after,
        },
        "lost": sound.holes,
        "late": _left_out(sound.late),
        "overlapped": _left_out(sound.overlapped),
        "outside": _left_out(sound.outside),
        "invalid": sound.invalid,
        "drift": {"duration": sound.drift, "corrections": sound.corrections},
    }


def _pictures(pictures: Pictures) -> dict[str, Any]:
    return {
        "codec": "vp8",
        "offset": pictures.start,
        "duration": pictures.end - pictures.start,
        "gaps": _gaps(pictures.gaps),
        "packets": pictures.packets,
        "frame_rate": pictures.frame_rate,
        "sizes": [
            {"at": size.at, "width": size.width, "height": size.height} for size in pictures.sizes
        ],
        "colour": _COLOUR,
    }


def _gaps(gaps: Iterable[tuple[int, int]]) -> list[dict[str, int]]:
    return [{"start": start, "end": end} for start, end in gaps]


def _left_out(found: LeftOut) -> dict[str, int]:
    return {"packets": found.packets, "duration": found.duration}


def sign(identity: Ed25519PrivateKey, manifest: bytes) -> bytes:
    """Sign a manifest as the vault; returns a detached JWS in its compact form."""
    return jws.sign_detached(identity, TYPE, manifest)


def verify(identity: Ed25519PublicKey, manifest: bytes, signature: bytes) -> None:
    """Raise SignatureError unless the vault has signed this very manifest."""
    jws.verify_detached(identity.public_bytes_raw(), TYPE, manifest, signature)
