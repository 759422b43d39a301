"""Values of the options of ``assent-vault export``: each parsed, or refused with what it must be.

Each parser raises argparse.ArgumentTypeError.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from assent_vault.dataset import signed_manifest
from assent_vault.dataset.tree import HeldFolder
from assent_vault.errors import FormatError
from assent_vault.formats import document, suite
from assent_vault.ledger.entry import EXPORT_BYTES
from assent_vault.store import export_order as asked

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SIZE: Final = re.compile(r"([0-9]{1,13})([KMG]?)", re.ASCII)
_DIGITS: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
_FRACTION: Final = re.compile(r"[0-9]{1,3}(\.[0-9]{1,9})?|\.[0-9]{1,9}", re.ASCII)
_MOST_TAG: Final = 35  # characters
_HEX: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ID: Final = re.compile(r"-(?:[A-Za-z0-9_-]{21}|[A-Za-z0-9_-]{42})", re.ASCII)
_OF_IDS: Final = ("--meeting", "--replaces", "--again")
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
    if re.fullmatch(asked.LANGUAGE, given) and len(given) <= _MOST_TAG:
        return given.lower()
    raise argparse.ArgumentTypeError("must be the tag of a language, as de or pt-BR")


def seconds(given: str) -> int:
    """Return a whole number of seconds."""
    if _DIGITS.fullmatch(given):
        return int(given)
    raise argparse.ArgumentTypeError("must be a whole number of seconds")


def share(given: str) -> float:
    """Return a share from 0 to 1."""
    if _FRACTION.fullmatch(given) and 0 <= float(given) <= 1:
        return float(given)
    raise argparse.ArgumentTypeError("must be a share from 0 to 1, as in 0.1")


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
