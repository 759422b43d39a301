"""Names of objects and of their folders: what a key is made of, and that it leads nowhere else."""

from __future__ import annotations

import re
from typing import Final

# No dot first: neither "." nor ".." nor a hidden file can be named.
_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}")
_KEY_CHARACTERS: Final = 1000


def is_name(text: str) -> bool:
    """Tell whether something may be a part of a key."""
    return _NAME.fullmatch(text) is not None


def of_key(key: str) -> list[str]:
    """Return the names that a key is made of. Raises ValueError where it is none."""
    names = key.split("/")
    if len(key) > _KEY_CHARACTERS or not all(is_name(name) for name in names):
        raise ValueError("not the key of an object")
    return names


def of_prefix(prefix: str) -> list[str]:
    """Return the names of the folders that a prefix names, "" all. Raises ValueError."""
    if prefix == "":
        return []
    if not prefix.endswith("/"):
        raise ValueError("a prefix ends with a slash")
    return of_key(prefix[:-1])
