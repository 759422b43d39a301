"""The Croissant 1.1 description of a data set (MLCommons), with responsible AI, provenance and use.

Conditions of use are an ODRL agreement: who it is for, for what, and the duty to honour recalls.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

import pyarrow as pa

from assent_vault.export import consent_archive, metadata, shards
from assent_vault.export.description import DataSet
from assent_vault.export.folder import File
from assent_vault.formats import suite

NAME: Final = "croissant.json"

_CONTEXT: Final[dict[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "obo": "http://purl.obolibrary.org/obo/",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "prov": "http://www.w3.org/ns/prov#",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}

# Words that are in no column's name.
_COLUMNS: Final = {
    "meeting": "The meeting's id.",
    "speaker": "A pseudonym of this data set alone.",
    "source": (
        "What it was taken with: microphone, camera, screen, screen-audio, device-microphone,"
        " device-camera."
    ),
    "path": "The file, from the data set's folder, or in the shard.",
    "shard": "The tar that holds it, where media are in such.",
    "pcm": "The same sound as FLAC of 16 kHz, where there is one.",
    "offset": "Where the track begins on the meeting's timeline, in seconds; 0 for sound.",
    "filled": "Seconds of silence that were laid where nothing was recorded or arrived.",
    "drift": "Seconds that the sender's clock has gained, which were taken out.",
    "speech": "Seconds in which somebody was heard to speak.",
    "overlap_ratio": "Share of the speech during which somebody else speaks, too.",
    "level": "Level of speech, in dBFS.",
    "noise": "Level of what is there besides speech, in dBFS.",
    "clipped": "Share of samples that are as large as can be.",
    "annotation": "What has told where speech is.",
    "use": "What everybody in it has agreed to.",
    "evidence": "SHA-256 of what the release was decided on, as in the log.",
}


def document(data_set: DataSet, files: Iterable[File]) -> bytes:
    """Write the description; ``files`` are those beside it, whose digests are given."""
    by_path = {file.path: file for file in files}
    made = datetime.fromtimestamp(data_set.created / 1000, UTC).isoformat(timespec="seconds")
    export = f"urn:assent:export:{data_set.export_id}"
    vault = f"urn:assent:vault:{suite.encode(data_set.vault)}"
    found: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "@id": export,
        "conformsTo": [
            "http://mlcommons.org/croissant/1.1",
            "http://mlcommons.org/croissant/RAI/1.0",
        ],
        "name": f"assent-{data_set.export_id}",
        "description": (
            "Meetings that everyone who was ever let into them has agreed to have used for"
            " training: a track of sound and pictures for each person, on one timeline."
        ),
        "datePublished": made,
        "version": "1.0.0",
        "license": f"{export}#use",
        "url": export,
        "citeAs": f"Assent data set {data_set.export_id}, {made[:10]}",
        "creator": {"@type": "sc:Organization", "name": "Assent vault", "identifier": vault},
        "usageInfo": _use(data_set, export),
        "distribution": list(_distribution(data_set, by_path)),
        "recordSet": [_tracks()],
    }
    return (json.dumps(found | _responsible() | _provenance(made, vault), indent=1) + "\n").encode()


def _use(data_set: DataSet, export: str) -> dict[str, Any]:
    """Return the conditions of use.

    They stand in what they are of: a reference back would be a circle, which readers do not bear.
    """
    permission: dict[str, Any] = {
        "@type": "odrl:Permission",
        "odrl:action": {"@id": "https://schema.org/UseAction", "name": "training of models"},
        "odrl:duty": [
            {
                "@type": "odrl:Duty",
                "odrl:action": {"@id": "odrl:delete"},
                "description": (
                    "Honour recalls: when somebody takes back their consent, remove the meeting"
                    " and what was made of it."
                ),
            }
        ],
    }
    # Modifiers of the Data Use Ontology: "user specific", "project specific restriction".
    if data_set.recipient is not None:
        permission["obo:DUO_0000026"] = data_set.recipient
        permission["odrl:assignee"] = {"@type": "sc:Organization", "name": data_set.recipient}
    if data_set.purpose is not None:
        permission["obo:DUO_0000027"] = data_set.purpose
        permission["odrl:constraint"] = {
            "@type": "odrl:Constraint",
            "odrl:leftOperand": {"@id": "odrl:purpose"},
            "odrl:operator": {"@id": "odrl:eq"},
            "odrl:rightOperand": data_set.purpose,
        }
    return {
        "@type": "odrl:Agreement",
        "@id": f"{export}#use",
        "odrl:permission": permission,
        "odrl:prohibition": {
            "@type": "odrl:Prohibition",
            "description": "Finding out who the speakers are.",
        },
    }


def _distribution(data_set: DataSet, by_path: dict[str, File]) -> Iterable[dict[str, Any]]:
    listed = [
        (metadata.PARQUET, "application/x-parquet", "A row for each track."),
        (metadata.JSONL, "application/jsonlines", "The same as JSON lines."),
    ]
    if data_set.proofs:
        listed.append((consent_archive.NAME, "application/x-tar", "What people have signed."))
    for path, kind, words in listed:
        yield {
            "@type": "cr:FileObject",
            "@id": path,
            "name": path,
            "description": words,
            "contentUrl": path,
            "contentSize": f"{by_path[path].size} B",
            "encodingFormat": kind,
            "sha256": by_path[path].sha256.hex(),
        }
    within: dict[str, Any] = {}
    inner = "data/*/*"
    if data_set.places:
        yield {
            "@type": "cr:FileSet",
            "@id": "shards",
            "name": "shards",
            "encodingFormat": "application/x-tar",
            "includes": f"{shards.FOLDER}/*.tar",
        }
        within = {"containedIn": {"@id": "shards"}}
        inner = inner if data_set.asked.options.format == shards.TARS else "*/*"
    for name, kind, suffix in (
        ("sound", "audio/ogg", "opus"),
        ("pictures", "video/webm", "webm"),
        *([("pcm", "audio/flac", "flac")] if data_set.asked.options.pcm else []),
    ):
        yield {
            "@type": "cr:FileSet",
            "@id": name,
            "name": name,
            **within,
            "encodingFormat": kind,
            "includes": f"{inner}.{suffix}",
        }


def _tracks() -> dict[str, Any]:
    """Return the record set: a row for each track, from the table; what is a list is left out."""
    return {
        "@type": "cr:RecordSet",
        "@id": "tracks",
        "name": "tracks",
        "description": "A row for each track of each person.",
        "key": {"@id": "tracks/path"},
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"tracks/{column}",
                "name": column,
                "description": _COLUMNS.get(column, column.replace("_", " ")),
                "dataType": _KINDS[kind],
                "source": {
                    "fileObject": {"@id": metadata.PARQUET},
                    "extract": {"column": column},
                },
            }
            for column, kind in metadata.COLUMNS.items()
            if kind in _KINDS
        ],
    }


_KINDS: Final = {
    pa.string(): "sc:Text",
    pa.int64(): "sc:Integer",
    pa.float64(): "sc:Float",
    pa.bool_(): "sc:Boolean",
}


def _responsible() -> dict[str, Any]:
    """Return what responsible AI asks for (Croissant RAI 1.0)."""
    return {
        "rai:dataCollection": (
            "Recorded in meetings on an Assent server, a track for each person, only while"
            " everyone present had agreed to it."
        ),
        "rai:dataCollectionType": ["Direct measurement"],
        "rai:personalSensitiveInformation": (
            "Voices and faces, and whatever was said. Speakers have pseudonyms; names as typed are"
            " not in the data set."
        ),
        "rai:dataUseCases": "Training of models, which everyone in it has agreed to.",
        "rai:dataLimitations": (
            "Who speaks when was told by a detector and by nobody listening. Sound is silent where"
            " nothing was recorded or arrived; the columns say how much of it."
        ),
        "rai:dataReleaseMaintenancePlan": (
            "Consent can be taken back at any time; what was recalled must be removed."
        ),
        "rai:dataPreprocessingProtocol": "Joined and laid on one timeline, not encoded anew.",
    }


def _provenance(made: str, vault: str) -> dict[str, Any]:
    """Return where it comes from, in PROV-O."""
    return {
        "prov:wasGeneratedBy": {
            "@type": "prov:Activity",
            "prov:label": "Export of released meetings",
            "prov:endedAtTime": made,
            "prov:wasAssociatedWith": {"@type": "prov:SoftwareAgent", "@id": vault},
        },
        "prov:wasDerivedFrom": {
            "@type": "prov:Entity",
            "prov:label": "Encrypted recordings, opened with the grants of everyone in them",
        },
    }
