"""A script: becomes another user, by number, and runs a command. See :mod:`support.users`."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
_PROGRAM: Final = (Path(sys.base_prefix), Path(sys.prefix), ROOT)
_CLONE_NEWNS: Final = 0x20000
_MS_BIND: Final = 0x1000
_MS_REC: Final = 0x4000
_MS_PRIVATE: Final = 0x40000


def _become(user: int, group: int, command: Sequence[str]) -> None:
    closed = {found for path in _program() if (found := _closed(path)) is not None}
    if closed:
        _call("unshare", _CLONE_NEWNS)
        _call("mount", None, b"/", None, _MS_REC | _MS_PRIVATE, None)
        umask = os.umask(0o022)  # they have to get through the folders made here
        kept = [(path, os.open(path, os.O_PATH)) for path in _program()]
        for folder in closed:
            _call("mount", b"tmpfs", bytes(folder), b"tmpfs", 0, b"mode=755")
        for path, descriptor in kept:
            path.mkdir(parents=True, exist_ok=True)
            source = f"/proc/self/fd/{descriptor}".encode()
            _call("mount", source, bytes(path), None, _MS_BIND | _MS_REC, None)
            os.close(descriptor)
        os.umask(umask)
    os.setgroups([])
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)
    os.execvp(command[0], list(command))


def _program() -> list[Path]:
    return sorted(set(_PROGRAM), key=lambda path: len(path.parts))


def _closed(path: Path) -> Path | None:
    """Return the outermost folder above that others cannot enter."""
    for folder in (*reversed(path.parents), path):
        if not folder.stat().st_mode & 0o001:
            return folder
    return None


def _call(name: str, *arguments: object) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), name)


if __name__ == "__main__":
    _become(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
