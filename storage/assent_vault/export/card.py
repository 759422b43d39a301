"""The card of a data set, README.md: what it is, how it was agreed to, and how it is loaded.

Its head (YAML) points the ``datasets`` library at the table of tracks, and at nothing else.
"""

from __future__ import annotations

from typing import Final

from assent_vault.export import filters, metadata, shards
from assent_vault.export.description import DataSet
from assent_vault.export.sound import Sound
from assent_vault.formats import suite
from assent_vault.store.export_order import Options

NAME: Final = "README.md"

LOADING: Final = {
    "datasets": """\
import datasets
tracks = datasets.load_dataset(DIR, split="train")
print(tracks[0]["path"], tracks[0]["duration"])""",
    "lhotse": """\
from lhotse import CutSet
cuts = CutSet.from_file(f"{DIR}/lhotse/cuts.jsonl.gz").with_recording_path_prefix(DIR)
sound = cuts[0].load_audio()  # a row for each speaker's track, all of one length""",
    "soundfile": """\
import json, soundfile
rows = [json.loads(line) for line in open(f"{DIR}/metadata.jsonl", encoding="utf-8")]
sound, rate = soundfile.read(f"{DIR}/" + next(r["path"] for r in rows if r["kind"] == "sound"))""",
    "torchcodec": """\
import json; from torchcodec.decoders import AudioDecoder
rows = [json.loads(line) for line in open(f"{DIR}/metadata.jsonl", encoding="utf-8")]
sound = AudioDecoder(f"{DIR}/" + next(r["path"] for r in rows if r["kind"] == "sound"))""",
    "mlcroissant": """\
import mlcroissant
described = mlcroissant.Dataset(f"{DIR}/croissant.json")
row = next(iter(described.records("tracks")))""",
}
"""The lines for each library, as the card has them: what ``DIR`` is, is said before."""


SHARDED: Final = {
    "webdataset": """\
import glob, webdataset
samples = webdataset.WebDataset(sorted(glob.glob(f"{DIR}/shards/*.tar")), shardshuffle=False)
sample = next(iter(samples))  # "opus" or "webm", "json" with the row of the table, "__key__\"""",
    "datasets": LOADING["datasets"],
    "mlcroissant": LOADING["mlcroissant"],
}
"""The same where media are samples in shards."""

_UNPACKING: Final = """\
Unpack the shards first, into this folder; each holds files of `data/`:

```sh
for shard in shards/*.tar; do tar -xf "$shard"; done
```"""
_BY_PATHS: Final = """\
- `lhotse/`: a recording and a cut for each meeting, supervisions, and a cut for each utterance.
- `nemo.jsonl`: a line for each utterance, as NeMo reads them; there is no transcript.
"""


def _shards(format_: str) -> str:
    if format_ == shards.FOLDERS:
        return ""
    if format_ == shards.TARS:
        return "- `shards/*.tar`: the files of `data/`, to be unpacked.\n"
    return (
        "- `shards/*.tar`: a sample of WebDataset for each track,"
        " `<meeting>/<speaker>-<source>`, with its\n"
        "  media and as `.json` its row of the table. What follows are the kinds of media.\n"
    )


def _media(format_: str) -> str:
    return "folder of `data/`" if format_ == shards.FOLDERS else "files from the shards"


def _pcm(data_set: DataSet) -> str:
    if not data_set.asked.options.pcm:
        return ""
    return "- `.flac` beside each `.opus`: the same sound decoded, 16 kHz, one channel, 16 bits.\n"


def _version(data_set: DataSet) -> str:
    replaced = data_set.asked.options.replaces
    if replaced is None:
        return ""
    return (
        "\nIt is the next version of the data set whose `MANIFEST.json` has the SHA-256"
        f" (base64url)\n`{replaced}`.{_beside(data_set.asked.options)}\n"
    )


def _beside(options: Options) -> str:
    """Say what the one is to the other for whoever has both."""
    if options.again is not None:
        return (
            " Every meeting of this one is in that one,\ntoo, and was still agreed to when this one"
            " was committed. Speakers have other pseudonyms here."
        )
    if options.include_exported:
        return ""
    return (
        " What was in a data set before is not in\nthis one: what is left of that one when its"
        " recalls are taken out stays good."
    )


def text(data_set: DataSet, recalls: str) -> bytes:
    """Write the card; ``recalls`` is what the feed of its recalls is asked for by."""
    vault = suite.encode(data_set.vault)
    tracks = [track for meeting in data_set.meetings for track in meeting.tracks]
    sounds = [track for track in tracks if isinstance(track.media, Sound)]
    hours = sum(meeting.duration for meeting in data_set.meetings) / 3_600_000
    speakers = len({(m.meeting, t.speaker) for m in data_set.meetings for t in m.tracks})
    recipient = "nobody in particular" if data_set.recipient is None else data_set.recipient
    purpose = "training" if data_set.purpose is None else data_set.purpose
    format_ = data_set.asked.options.format
    of_format = SHARDED if format_ == shards.SAMPLES else LOADING
    loading = "\n\n".join(
        f"With `{name}`:\n\n```python\n{lines}\n```" for name, lines in of_format.items()
    )
    if format_ == shards.TARS:
        loading = f"{_UNPACKING}\n\n{loading}"
    return f"""\
---
pretty_name: Assent data set {data_set.export_id}
configs:
- config_name: default
  data_files:
  - split: train
    path: {metadata.PARQUET}
---

# Assent data set {data_set.export_id}

{len(data_set.meetings)} meeting(s), {hours:.2f} hours, {speakers} speaker(s), {len(tracks)} \
track(s), of these {len(sounds)} of sound. Given to {_plain(recipient)}, for {_plain(purpose)}.
{_version(data_set)}{_left_out(data_set)}
## How it was agreed to

Everyone who was ever let into these meetings has agreed to training, each by a signed answer, and
nobody had taken it back when this data set was committed. {_proofs(data_set)}
`MANIFEST.json` has the SHA-256 of every file; `MANIFEST.jws` is its signature, a detached JWS, by
the vault with the Ed25519 key `{vault}` (base64url).

## What is in it

{_shards(format_)}\
- `data/<meeting>/<speaker>.<source>.opus`: the sound of one person, as it was sent. Each
  covers the meeting's whole timeline: it begins at 0, and the sound of a meeting decodes to arrays
  of one length. Where nothing was recorded or arrived it is silent; the table says how much.
- `data/<meeting>/<speaker>.<source>.webm`: pictures. They begin at `offset`; their timestamps are
  times of the meeting.
- `metadata.parquet`, `metadata.jsonl`: a row for each track. Times are seconds.
{_pcm(data_set)}{_BY_PATHS if format_ != shards.SAMPLES else ""}\
- `rttm/`, `uem/`, `seglst/`: who spoke when, as the column `annotation` says by what.
- `croissant.json`: the same for machines, with conditions of use.

Speakers are pseudonyms of this data set alone. Do not try to find out who they are.

## How it is loaded

`DIR` is the folder of this file.

{loading}

## How a recall is honoured

Anybody in it can take back their consent at any time. The vault signs that into the feed of this
data set, which the server that these meetings were held on serves at

    /recalls/{recalls}

Whoever gave you the data set tells you the address of that server, and the key of its vault: do
not take it from here. Fetch the feed as `revoked.jsonl` (with its `ETag` in `If-None-Match` it
comes only when there is more), and check before each use whether what you hold is whole, signed
and still agreed to, which needs no connection:

```sh
assent-vault check-dataset DIR --identity KEY --feed revoked.jsonl
```

With `--apply` it removes the meeting's {_media(format_)}, its rows and cuts.
Remove what you have made of them, too.
""".encode()


def _left_out(data_set: DataSet) -> str:
    """Say what was asked for that leaves something out, and how much that is."""
    options = data_set.asked.options
    found = []
    if options.languages:
        found.append(
            "- Meetings in which everybody read what they agreed to in"
            f" {', '.join(options.languages)}, as their signed\n"
            "  answers say. Which language is spoken nobody has listened for."
        )
    if options.least_duration is not None:
        found.append(f"- Meetings of at least {options.least_duration / 1000:g} seconds.")
    codes = [one.code for each in data_set.meetings for one in each.missing]
    for asked, what, counted in (
        (options.most_filled, "was filled up with silence", (filters.MOSTLY_FILLED,)),
        (options.most_clipped, "is clipped", (filters.CLIPPED, filters.NOT_HEARD)),
    ):
        if asked is not None:
            number = sum(code in counted for code in codes)
            found.append(
                f"- Tracks of sound of which no more than {100 * asked:g} % {what}:"
                f" {number} of these meetings' are left out."
            )
    return "\n## What was asked for\n\n" + "\n".join(found) + "\n" if found else ""


def _proofs(data_set: DataSet) -> str:
    if not data_set.proofs:
        return "The signed documents are not in it; the digests of what was decided on are."
    return (
        "`consent.tar` holds what was signed, byte for byte. In it are the ids that\n"
        "people have in the meeting: keep it apart from the data if these are not needed."
    )


def _plain(words: str) -> str:
    """Return words that somebody typed as one line that means nothing to Markdown."""
    line = " ".join(words.split())
    return "".join(f"\\{one}" if one in "\\`*_{}[]<>()#+-.!|&~" else one for one in line)
