"""The command ``assent-vault verify``: receipts on the disk, checked without anything else.

No settings, no database, no network: it is for those who trust nobody, on a machine of their own.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from assent_vault.errors import FormatError, LogError
from assent_vault.ledger import note
from assent_vault.ledger.note import Kind, Verifier
from assent_vault.receipt import MAX_BYTES, Pins, Verdict, check
from assent_vault.receipt.consent_record import consent_record
from assent_vault.receipt.explain import explain
from assent_vault.suite import SIGN_PUBLIC_BYTES, decode

_HEX: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command and its arguments."""
    verify = commands.add_parser(
        "verify",
        help="check receipts, offline",
        description="Checks receipts and says, check by check, what holds and what does not. "
        "Needs no settings, no server and no network. The exit code is 0 only where everything "
        "holds.",
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
    if verifier.kind is not Kind.COSIGNATURE:
        raise argparse.ArgumentTypeError("is not a witness's key, but a log's")
    return verifier


def run(options: argparse.Namespace) -> list[tuple[str, str]]:
    """Check all files and print the reports; return what failed, as pairs of code and text."""
    pins = Pins(options.server_key, options.vault_key, tuple(options.witness_key))
    if options.record is not None and len(options.files) != 1:
        return [("one-file", "--record is for one FILE.")]
    problems: list[tuple[str, str]] = []
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
    return problems


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
