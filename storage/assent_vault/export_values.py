"""Values of the options of ``assent-vault export``: each parsed, or refused with what it must be.

Each parser raises argparse.ArgumentTypeError.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

from assent_vault.dataset import signed_manifest
from assent_vault.dataset.tree import HeldFolder
from assent_vault.errors import ExportError, FormatError
from assent_vault.formats import document, suite
from assent_vault.ledger.entry import EXPORT_BYTES
from assent_vault.store import export_filters
from assent_vault.store import export_order as asked

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SIZE: Final = re.compile(r"([0-9]{1,13})([KMG]?)", re.ASCII)
_HEX: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ID: Final = re.compile(r"-(?:[A-Za-z0-9_-]{21}|[A-Za-z0-9_-]{42})", re.ASCII)
_OF_IDS: Final = ("--meeting", "--replaces", "--again")
_Value = TypeVar("_Value")
_UNITS: Final = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}


def line(most: int) -> Callable[[str], str]:
    """Return a parser of lines of up to ``most`` characters."""

    def text(given: str) -> str:
        if not document.is_line(given, most):
            raise argparse.ArgumentTypeError(f"must be a line of 1 to {most} characters")
        return given

    return text


def day(given: str) -> date:
    """Return a day."""
    try:
        if _DAY.fullmatch(given):
            return date.fromisoformat(given)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError("must be a day, as in 2026-01-31")


def size(given: str) -> int:
    """Return a size of shards, in bytes."""
    found = _SIZE.fullmatch(given)
    if found is not None:
        octets = int(found[1]) * _UNITS[found[2]]
        if asked.LEAST_SHARD_BYTES <= octets <= asked.MOST_SHARD_BYTES:
            return octets
    raise argparse.ArgumentTypeError("must be 1M to 1000G, as in 500M or 2G")


def language(given: str) -> str:
    """Return a language's tag, in lower case."""
    return _parsed(export_filters.language, given)


def seconds(given: str) -> int:
    """Return a whole number of seconds."""
    return _parsed(export_filters.seconds, given)


def share(given: str) -> float:
    """Return a share from 0 to 1."""
    return _parsed(export_filters.share, given)


def _parsed(parser: Callable[[str], _Value], given: str) -> _Value:
    try:
        return parser(given)
    except ExportError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def meeting(given: str) -> str:
    """Return the id of a meeting."""
    try:
        suite.decode(given, suite.MEETING_BYTES)
    except FormatError as error:
        raise argparse.ArgumentTypeError("must be the id of a meeting") from error
    return given


def joined(arguments: Sequence[str]) -> list[str]:
    """Return arguments with each id or digest joined to its option: one may begin with a dash."""
    found: list[str] = []
    for each in arguments:
        if found and found[-1] in _OF_IDS and _ID.fullmatch(each):
            found[-1] += f"={each}"
        else:
            found.append(each)
    return found


def export(given: str) -> str:
    """Return the id of a data set."""
    try:
        suite.decode(given, EXPORT_BYTES)
    except FormatError as error:
        raise argparse.ArgumentTypeError(
            "must be the id of a data set, `export` of its manifest"
        ) from error
    return given


def replaced(given: str) -> str:
    """Return the digest of a manifest in b64: read from its folder, or given in b64 or hex."""
    if _HEX.fullmatch(given):
        return suite.encode(bytes.fromhex(given))
    try:
        return suite.encode(suite.decode(given, suite.DIGEST_BYTES))
    except FormatError:
        pass
    try:
        body = signed_manifest.load(HeldFolder(Path(given)))
        return suite.encode(signed_manifest.parse(body).digest)
    except (FormatError, OSError, ValueError) as error:  # the last of a path with a NUL
        raise argparse.ArgumentTypeError(
            "must be the folder of a data set, or the SHA-256 of its MANIFEST.json"
        ) from error
