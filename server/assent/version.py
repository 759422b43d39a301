"""Which version of the program this is."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """Return the installed version; a source tree that was never installed has none."""
    try:
        return metadata.version("assent")
    except metadata.PackageNotFoundError:
        return "0+source"
