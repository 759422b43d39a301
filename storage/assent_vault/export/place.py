"""Where an export lies: decided here from its row, which somebody else may have written."""

from __future__ import annotations

from pathlib import Path

from assent_vault.errors import ExportError, FormatError
from assent_vault.formats import suite

_ID_BYTES = 16


def place_of(exports_dir: Path, export_id: str, folder: str | None) -> Path:
    """Return the folder of an export; raises ExportError ``bad-place``.

    One that a worker runs lies in ``exports_dir`` under its id. One of the command line has a
    folder of its own, written down before it began: an absolute path. All that is ever taken away
    there is the folder beside it that only an export makes.
    """
    try:
        suite.decode(export_id, _ID_BYTES, field="export")
    except FormatError as error:
        raise ExportError("bad-place", "The id of an export is none.") from error
    if folder is None:
        return exports_dir / export_id
    place = Path(folder)
    if "\0" in folder or not place.is_absolute() or place.name in ("", ".."):
        raise ExportError("bad-place", "The folder of an export is not one.")
    return place
