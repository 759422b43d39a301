"""Takes meetings out of the files of a data set that are of several: each kind in its own way.

A meeting is known by its id, which is drawn at random: a line, a row or a member that names it goes
as a whole. A file of a kind that nothing is known of is not touched, and told.
"""

from __future__ import annotations

import gzip
import json
import re
import tarfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, BinaryIO, Final

from assent_vault.dataset.tree import Digested

CARD: Final = "README.md"
CROISSANT: Final = "croissant.json"

FAILURES: Final = (OSError, ValueError, EOFError, zlib.error, tarfile.TarError, MemoryError)
"""What reading a file can raise that is not what its name says. (Arrow's are ValueErrors.)"""

_LINE_BYTES: Final = 256 << 20
_CHUNK_BYTES: Final = 1 << 20
_BLOCK: Final = 512
_NOTE: Final = re.compile(r"\n<!-- recalled -->.*?<!-- /recalled -->\n", re.DOTALL)

Rewriting = Callable[[BinaryIO, BinaryIO, frozenset[str], Collection[str]], bool]
"""Source, where to, the meetings that go, and all that there were."""


def kind_of(path: str) -> Rewriting | None:
    """Return what writes a file anew without some meetings; it tells whether it left any out."""
    return next((how for suffix, how in _KINDS.items() if path.endswith(suffix)), None)


def names(file: BinaryIO, path: str, meetings: Iterable[str]) -> bool:
    """Tell whether a file names any of these meetings, unpacked where that takes it."""
    wanted = [each.encode() for each in meetings]
    if path.endswith(".parquet"):
        return _table(file, frozenset(meetings))[1]
    longest = max(map(len, wanted), default=0)
    before = b""
    for chunk in _unpacked(file) if path.endswith(".gz") else iter(lambda: file.read(1 << 20), b""):
        data = before + chunk
        if any(each in data for each in wanted):
            return True
        before = data[-longest:]
    return False


def _unpacked(file: BinaryIO) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=file, mode="rb") as unpacked:
        while chunk := unpacked.read(_CHUNK_BYTES):
            yield chunk


def _lines(
    source: BinaryIO, out: BinaryIO, meetings: frozenset[str], known: Collection[str]
) -> bool:
    del known  # a line or a row says which it is of
    wanted = [each.encode() for each in meetings]
    left_out = False
    while line := source.readline(_LINE_BYTES):
        if len(line) == _LINE_BYTES:
            raise ValueError("a line without end")
        if any(each in line for each in wanted):
            left_out = True
        else:
            out.write(line)
    return left_out


def _packed_lines(
    source: BinaryIO, out: BinaryIO, meetings: frozenset[str], known: Collection[str]
) -> bool:
    # No name and no time, as FORMAT.md section 15.5 has it.
    with (
        gzip.GzipFile(fileobj=source, mode="rb") as unpacked,
        gzip.GzipFile(filename="", fileobj=out, mode="wb", mtime=0, compresslevel=6) as packed,
    ):
        return _lines(unpacked, packed, meetings, known)  # type: ignore[arg-type]


def _archive(
    source: BinaryIO, out: BinaryIO, meetings: frozenset[str], known: Collection[str]
) -> bool:
    left_out = False
    with tarfile.open(fileobj=source, mode="r:") as archive:
        for member in archive:
            if any(each in member.name for each in meetings):
                left_out = True
                continue
            if not any(each in member.name for each in known):
                raise ValueError("a member that does not say of which meeting it is")
            end = member.offset_data + -(-member.size // _BLOCK) * _BLOCK
            back = source.tell()
            _copy(source, out, member.offset, end)
            source.seek(back)
    out.write(bytes(2 * _BLOCK))
    return left_out


def _copy(source: BinaryIO, out: BinaryIO, start: int, end: int) -> None:
    source.seek(start)
    while start < end:
        chunk = source.read(min(_CHUNK_BYTES, end - start))
        if not chunk:
            raise ValueError("a member that is cut off")
        out.write(chunk)
        start += len(chunk)


def _rows(
    source: BinaryIO, out: BinaryIO, meetings: frozenset[str], known: Collection[str]
) -> bool:
    del known  # a line or a row says which it is of
    import pyarrow.parquet as pq

    table, left_out = _table(source, meetings)
    pq.write_table(table, out, compression="zstd")
    return left_out


def _table(source: BinaryIO, meetings: frozenset[str]) -> tuple[Any, bool]:
    """Return a table without the rows of meetings, and whether there were any."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    table = pq.read_table(source, use_threads=False)
    if "meeting" not in table.column_names:
        raise ValueError("a table that does not say of which meeting a row is")
    gone = pc.is_in(table["meeting"], value_set=pa.array(sorted(meetings), pa.string()))
    kept = table.filter(pc.invert(gone))
    return kept, kept.num_rows != table.num_rows


_KINDS: Final[Mapping[str, Rewriting]] = {
    ".jsonl": _lines,
    ".jsonl.gz": _packed_lines,
    ".parquet": _rows,
    ".tar": _archive,
}


# What tells of the data set as a whole.


def card(text: str, recalled: int, meetings: int) -> str:
    """Return the card with a note on what was taken out; it can be done again."""
    bare = _NOTE.sub("", text)
    note = (
        f"\n<!-- recalled -->\n> **{recalled} of the {meetings} meeting(s) were recalled and have"
        " been taken out of this copy.** What\n> this page counts is the data set as it was given;"
        " `REMAINING.json` lists what is left, and is not signed.\n<!-- /recalled -->\n"
    )
    head, title, rest = bare.partition("\n# ")
    line, newline, body = rest.partition("\n")
    return f"{head}{title}{line}{newline}{note}{body}" if title else f"{note}{bare}"


def croissant(text: str, rewritten: Mapping[str, Digested]) -> str:
    """Return the description with the sizes and digests that files have now."""
    said = json.loads(text)
    for each in said.get("distribution", []):
        now = rewritten.get(str(each.get("contentUrl")))
        if now is not None and "sha256" in each:
            each["sha256"] = now.sha256.hex()
            each["contentSize"] = f"{now.size} B"
    return json.dumps(said, indent=1) + "\n"
