"""Receipts: what one person holds of one meeting, and how anybody can check it offline.

``file`` takes a receipt apart and puts one together, ``check`` makes the checks of FORMAT.md
section 14.1 on it, ``history`` the one about the records, with ``course`` for what can follow what,
``compare`` holds several against each other, ``explain`` says in plain words what came of them, and
``consent_record`` writes down what was agreed to for machines. All of it is pure: no settings, no
database, no clock.
"""

from assent_vault.receipt.check import CheckState, Pins, ReceiptCheck, Verdict, check
from assent_vault.receipt.file import (
    MAX_BYTES,
    Entry,
    Receipt,
    ReceiptStatement,
    SignedDocument,
    parse,
    write,
)

__all__ = [
    "MAX_BYTES",
    "CheckState",
    "Entry",
    "Pins",
    "Receipt",
    "ReceiptCheck",
    "ReceiptStatement",
    "SignedDocument",
    "Verdict",
    "check",
    "parse",
    "write",
]
