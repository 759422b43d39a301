"""The built web client, read once at start and served from memory.

Nothing is looked up on the disk for a request, so no path a client sends can lead anywhere. The
client's *build digest* is what answers are bound to: the SHA-256 of what ``sha256sum`` prints for
its files in the order of their paths' bytes, one line ``<SHA-256 in hex>  <path>`` each. So anyone
can repeat it: ``find * -type f | LC_ALL=C sort | xargs sha256sum | sha256sum``. Hidden files are
notes of the build to itself; they are neither served nor counted.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assent.errors import StartError

INDEX = "index.html"
# A client is well under a megabyte; much more than that is a wrong folder.
_MAX_FILES = 2_000
_MAX_BYTES = 64 * 1024 * 1024
_COMPRESSED = ("text/", "application/json", "application/manifest+json", "image/svg+xml")
_WORTH_COMPRESSING = 512

# Not from the machine's own tables, which differ; browsers refuse scripts of a wrong type.
_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".wav": "audio/wav",
    ".webm": "video/webm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True)
class ClientFile:
    """One file of the client, ready to send."""

    content: bytes
    compressed: bytes | None
    content_type: str
    etag: str
    immutable: bool


@dataclass(frozen=True, slots=True)
class ClientFiles:
    """All files of the client by path, and the digest of the whole build."""

    files: Mapping[str, ClientFile]
    build: bytes

    @property
    def built(self) -> bool:
        """Whether there is a client at all; a source tree has none until it was built."""
        return INDEX in self.files

    @classmethod
    def load(cls, folder: Path) -> ClientFiles:
        """Read the client from ``folder``; an absent folder gives an empty client."""
        files: dict[str, ClientFile] = {}
        lines = []
        total = 0
        for path in sorted(_files_under(folder), key=lambda path: path.encode()):
            content = (folder / path).read_bytes()
            total += len(content)
            if total > _MAX_BYTES or len(files) >= _MAX_FILES:
                raise StartError("The folder of the web client holds far more than a client.")
            checksum = hashlib.sha256(content).hexdigest()
            lines.append(f"{checksum}  {path}\n")
            files[path] = _file(path, content, checksum)
        return cls(files, hashlib.sha256("".join(lines).encode()).digest())


def _files_under(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    paths = (path.relative_to(folder) for path in folder.rglob("*"))
    return [
        path.as_posix()
        for path in paths
        if not any(part.startswith(".") for part in path.parts)
        and (folder / path).is_file()
        and not (folder / path).is_symlink()
    ]


def _file(path: str, content: bytes, checksum: str) -> ClientFile:
    suffix = Path(path).suffix.lower()
    kind = _TYPES.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    compressed = None
    if kind.startswith(_COMPRESSED) and len(content) >= _WORTH_COMPRESSING:
        smaller = gzip.compress(content, mtime=0)
        compressed = smaller if len(smaller) < len(content) else None
    # The bundler names what is under assets/ after its content, so a name never changes meaning.
    return ClientFile(content, compressed, kind, f'"{checksum}"', path.startswith("assets/"))
