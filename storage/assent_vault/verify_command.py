"""The command ``assent-vault verify``: receipts on the disk, checked without anything else.

No settings, no database, and no network unless a log is named by its address: it is for those who
trust nobody, on a machine of their own.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from assent_vault.errors import FormatError, LogError
from assent_vault.formats.suite import SIGN_PUBLIC_BYTES, decode
from assent_vault.ledger import note
from assent_vault.ledger.note import KeyKind, Verifier
from assent_vault.receipt import MAX_BYTES, Pins, Verdict, check
from assent_vault.receipt.compare import (
    Compared,
    Disagreement,
    HeldReceipt,
    compare,
    compare_with,
)
from assent_vault.receipt.consent_record import consent_record
from assent_vault.receipt.explain import explain
from assent_vault.receipt.served import Served

_HEX: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command and its arguments."""
    verify = commands.add_parser(
        "verify",
        help="check receipts, offline",
        description="Checks receipts and says, check by check, what holds and what does not; of "
        "several, also whether they agree with each other. Needs no settings, no server and, "
        "without --log, no network. The exit code is 0 only where everything holds and agrees.",
    )
    verify.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a receipt")
    for name, whose in (("server", "server's"), ("vault", "vault's")):
        verify.add_argument(
            f"--{name}-key",
            type=public_key,
            metavar="KEY",
            help=f"the {whose} key, as you know it from elsewhere: 64 hexadecimal digits, with or "
            "without spaces, or base64url",
        )
    verify.add_argument(
        "--witness-key",
        action="append",
        default=[],
        type=witness_key,
        metavar="VKEY",
        help="a witness that must have signed the log, as name+ID+key; can be given more than once",
    )
    verify.add_argument(
        "--log",
        metavar="PLACE",
        help="also compare with this log, as it is now: its address, such as "
        "https://meet.example.org/log, or a folder with its checkpoint and tiles",
    )
    verify.add_argument(
        "--record",
        type=Path,
        metavar="OUT",
        help="write what was agreed to as a consent record (ISO/IEC TS 27560, JSON-LD), for one "
        "FILE that holds",
    )


def public_key(text: str) -> bytes:
    """Read an Ed25519 key as people write it; for argparse."""
    digits = re.sub(r"[\s:]", "", text).lower()
    if _HEX.fullmatch(digits):
        return bytes.fromhex(digits)
    try:
        return decode(text, SIGN_PUBLIC_BYTES)
    except FormatError as error:
        raise argparse.ArgumentTypeError("is not 32 bytes in hexadecimal or base64url") from error


def witness_key(text: str) -> Verifier:
    """Read a witness's vkey; for argparse."""
    try:
        verifier = note.parse_vkey(text)
    except LogError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if verifier.kind is not KeyKind.COSIGNATURE:
        raise argparse.ArgumentTypeError("is not a witness's key, but a log's")
    return verifier


def run(options: argparse.Namespace) -> list[tuple[str, str]]:
    """Check all files and print the reports; return what failed, as pairs of code and text."""
    pins = Pins(options.server_key, options.vault_key, tuple(options.witness_key))
    if options.record is not None and len(options.files) != 1:
        return [("one-file", "--record is for one FILE.")]
    problems: list[tuple[str, str]] = []
    holding: list[HeldReceipt] = []
    for path in options.files:
        try:
            body = read(path)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            problems.append(("file-unreadable", f"{path}: {reason}."))
            continue
        verdict = check(body, pins)
        _print([str(path), *explain(verdict, pins), ""])
        problems += [(code, f"{path}: {name} does not hold.") for name, code in verdict.failures]
        problems += _record(options.record, verdict)
        if verdict.believed is not None:
            holding.append(HeldReceipt(str(path), verdict.believed))
    problems += _compare(holding, None if options.log is None else Served(options.log))
    return problems


def _compare(holding: Sequence[HeldReceipt], served: Served | None) -> Iterator[tuple[str, str]]:
    """Print how receipts that hold stand to each other, and to a log; yield what disagrees."""
    if len(holding) > 1:
        yield from _told(compare(holding))
    if served is None or not holding:
        return
    try:
        compared = compare_with(served, holding)
    except (LogError, OSError) as error:
        _print(["Not compared with the log, which does not show what that takes.", ""])
        yield "log-unreadable", f"{served.place}: {error}"
    else:
        yield from _told(compared)


_MEANING: Final = {
    # All of it is signed, or proven under what is signed.
    False: "Not all of it can be of one log that only grows.",
    # Whoever holds a receipt can leave the end of it out.
    True: "Something was left out: by whoever keeps the log, or by whoever held the file.",
}


def _is_left_out(disagreement: Disagreement) -> bool:
    return disagreement.code == "missing"


def _told(compared: Compared) -> Iterator[tuple[str, str]]:
    _print(f"Compared: {each}" for each in compared.looked_at)
    _print(f"Not compared: {each}" for each in compared.not_looked_at)
    if compared.disagreements:
        _print(f"  FAILS    {each.what} [{each.code}]" for each in compared.disagreements)
        _print([f"THEY DO NOT AGREE. {_MEANING[all(map(_is_left_out, compared.disagreements))]}"])
    elif compared.looked_at:
        _print(["They agree in what was compared."])
    _print([""])
    yield from ((each.code, each.what) for each in compared.disagreements)


def read(path: Path) -> bytes:
    """Read a file, but no more of it than a receipt can be, and a byte to tell."""
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _record(out: Path | None, verdict: Verdict) -> list[tuple[str, str]]:
    if out is None or verdict.believed is None:
        return []
    try:
        with out.open("xb") as file:
            file.write(consent_record(verdict.believed))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return [("record-unwritable", f"{out}: {reason}.")]
    return []


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
