"""Receipts: what one person holds of one meeting, and how anybody can check it offline.

``file`` takes a receipt apart and puts one together, ``check`` makes the checks of FORMAT.md
section 14.1 on it, ``history`` the one about the records, ``explain`` says in plain words what came
of them, and ``consent_record`` writes down what was agreed to for machines. All of it is pure: no
settings, no database, no clock.
"""

from assent_vault.receipt.check import Check, Pins, State, Verdict, check
from assent_vault.receipt.file import MAX_BYTES, Entry, Receipt, Signed, Statement, parse, write

__all__ = [
    "MAX_BYTES",
    "Check",
    "Entry",
    "Pins",
    "Receipt",
    "Signed",
    "State",
    "Statement",
    "Verdict",
    "check",
    "parse",
    "write",
]
