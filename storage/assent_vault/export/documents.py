"""Writes all of a data set that is not media: what loaders read, the card, consent, the manifest.

It can be done again, with fewer meetings: what stood there before goes first. What is written
depends on the description alone; the same one gives the same bytes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.dataset import feed
from assent_vault.export import (
    card,
    consent_archive,
    croissant,
    lhotse,
    manifest,
    metadata,
    nemo,
    rttm,
    seglst,
    shards,
    uem,
)
from assent_vault.export.description import DataSet
from assent_vault.export.folder import MANIFEST, SIGNATURE, File, Folder
from assent_vault.formats import suite

_FOLDERS: Final = (lhotse.FOLDER, rttm.FOLDER, seglst.FOLDER, uem.FOLDER)
_FILES: Final = (
    consent_archive.NAME,
    metadata.PARQUET,
    metadata.JSONL,
    nemo.NAME,
    croissant.NAME,
    card.NAME,
    SIGNATURE,
    MANIFEST,
)


def write(folder: Folder, data_set: DataSet, identity: Ed25519PrivateKey) -> bytes:
    """Write the documents beside the media; returns the digest of the manifest.

    Raises ExportError.
    """
    for path in (*_FOLDERS, *_FILES):
        folder.remove(path)
    data_set = replace(data_set, places=shards.places(data_set))
    files: list[File] = []
    packed: list[tuple[str, File]] = []
    if data_set.places:
        files, packed = shards.write(folder, data_set)
    else:
        files += [one for each in data_set.meetings for track in each.tracks for one in track.files]
    if data_set.proofs:
        files.append(consent_archive.write(folder, [one.meeting for one in data_set.meetings]))
    files.append(folder.write(metadata.PARQUET, [metadata.parquet(data_set)]))
    files.append(folder.write(metadata.JSONL, metadata.jsonl(data_set)))
    if data_set.asked.options.format != shards.SAMPLES:  # these go by paths of files
        files += [folder.write(path, lines) for path, lines in lhotse.files(data_set)]
        files.append(folder.write(nemo.NAME, nemo.lines(data_set)))
    for meeting in data_set.meetings:
        name = meeting.meeting
        files += [
            folder.write(f"{rttm.FOLDER}/{name}.rttm", rttm.lines(meeting)),
            folder.write(f"{uem.FOLDER}/{name}.uem", uem.lines(meeting)),
            folder.write(f"{seglst.FOLDER}/{name}.seglst.json", [seglst.document(meeting)]),
        ]
    files.append(folder.write(croissant.NAME, [croissant.document(data_set, files)]))
    recalls = feed.name_of(identity, data_set.export_id)
    files.append(folder.write(card.NAME, [card.text(data_set, recalls)]))
    body = manifest.build(data_set, files, recalls, packed)
    folder.write(MANIFEST, [body])
    folder.write(SIGNATURE, [manifest.sign(identity, body)])
    folder.sync()
    return suite.digest(body)
