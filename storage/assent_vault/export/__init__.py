"""Writes what the gate has released: one WebM per person and track, with the consent behind it."""

from assent_vault.export.lease import new_id
from assent_vault.export.outcome import Outcome
from assent_vault.export.place import place_of
from assent_vault.export.progress import Progress
from assent_vault.export.recovery import recover, refuse, unfinished
from assent_vault.export.run import ExportRun
from assent_vault.store.export_order import ExportOrder

__all__ = [
    "ExportOrder",
    "ExportRun",
    "Outcome",
    "Progress",
    "new_id",
    "place_of",
    "recover",
    "refuse",
    "unfinished",
]
