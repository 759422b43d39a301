"""A small data set written by hand: two people, their sound, a picture, and who speaks when."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.export import consent_archive, documents
from assent_vault.export.description import DataSet, MeetingEntry, Speech, TrackEntry
from assent_vault.export.folder import File, Folder
from assent_vault.export.join import Piece, join, suffix_of
from assent_vault.export.pcm import SUFFIX as PCM
from assent_vault.export.pcm import PcmFile
from assent_vault.export.speech import TrackListener
from assent_vault.export.timeline import Stretch
from assent_vault.store.export_order import ExportOrder, Options
from support.sample_media import Take, picture, plaintexts, tone

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
MEETINGS = ("A" * 22, "B" * 21 + "A")
DURATION = 6000
SAID = {"speaker-ada": (0, 3000), "speaker-bo": (2500, 4500)}
"""When each of the two speaks, in milliseconds."""


@dataclass(frozen=True)
class WrittenDataSet:
    """Where it lies, and what it was written from."""

    place: Path
    described: DataSet
    digest: bytes


def _piece(take: Take, at: int) -> Piece:
    found = list(plaintexts(take, at))
    return Piece(lambda: (data for _, _, data in found), found[-1][1])


def _meeting(folder: Folder, name: str, *, pcm: bool) -> MeetingEntry:
    tracks = []
    for speaker, source, take, at in (
        ("speaker-ada", "camera", picture(60, 3000), 500),
        ("speaker-ada", "microphone", tone(440, 3000), 0),
        ("speaker-bo", "microphone", tone(880, 2000), 2500),
    ):
        path = f"data/{name}/{speaker}.{source}.{suffix_of(source)}"
        with folder.open(path) as out:
            media = join(source, [_piece(take, at)], 0, DURATION, out)
        flac = _flac(folder, path, take, at) if pcm and source == "microphone" else None
        heard = Speech("known", (SAID[speaker],), -12.5, None, 0.0)
        tracks.append(
            TrackEntry(
                speaker,
                source,
                media,
                folder.measure(path),
                heard if source == "microphone" else None,
                flac,
            )
        )
    consent_archive.put_aside(folder, name, {"charter.json": b"{}", "a/b.sig": bytes(64)})
    stretches = (
        Stretch(1, bytes(32), 0, 4500, False, ()),
        Stretch(2, bytes([1] * 32), 5000, DURATION, True, ((3, 4), (9, 9))),
    )
    return MeetingEntry(name, 1, bytes(32), DURATION, stretches, tuple(tracks))


def _flac(folder: Folder, path: str, take: Take, at: int) -> File:
    """Have the same sound listened to once more, for its FLAC alone."""
    beside = path.removesuffix("opus") + PCM
    with folder.open(beside) as file:
        listener = TrackListener(DURATION, pcm=PcmFile(file, DURATION))
        join("microphone", [_piece(take, at)], 0, DURATION, io.BytesIO(), listener)
        assert listener.finish() is not None, listener.failure
        listener.close()
    return folder.measure(beside)


def write_data_set(
    place: Path,
    *,
    recipient: str | None = "An Institute",
    options: Options | None = None,
    publish: bool = True,
    proofs: bool = True,
) -> WrittenDataSet:
    """Write it to a folder that does not exist; each time of the same bytes."""
    folder = Folder(place)
    folder.begin()
    options = options or Options(proofs=proofs)
    described = DataSet(
        "E" * 21 + "A",
        1_750_000_000_000,
        KEY.public_key().public_bytes_raw(),
        tuple(_meeting(folder, name, pcm=options.pcm) for name in MEETINGS),
        ExportOrder(recipient, "research", options),
    )
    digest = documents.write(folder, described, KEY)
    if publish:
        folder.publish()
    return WrittenDataSet(place, described, digest)
