"""The vault's settings, and those it shares with the server: read once, validated at once.

Both processes read the same file and the same environment: key ``data_dir`` of the TOML file, or
``ASSENT_DATA_DIR``, which wins. Keys that only the server knows are passed over here; the server
itself refuses keys that nobody knows.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import unquote, urlsplit

from assent_vault.errors import ConfigError

PREFIX: Final = "ASSENT_"
_MAX_FILE_BYTES = 1024 * 1024
_YEAR_SECONDS = 366 * 24 * 60 * 60
_DATABASE_SCHEMES = ("sqlite", "sqlite+aiosqlite", "postgresql", "postgresql+psycopg")


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultSettings:
    """Everything the vault worker can be told. Make one with ``VaultSettings.load``."""

    data_dir: Path
    """Folder for whatever is not given a place of its own below. Default: ``./data``."""

    database_url: str
    """``sqlite:////path`` or ``postgresql://user:password@host/name``. Default: a SQLite file
    ``assent.db`` in ``data_dir``."""

    objects_url: str
    """Where sealed recordings are kept: a folder, as a path or as ``file:///path``. Default:
    ``objects`` in ``data_dir``."""

    vault_dir: Path
    """The vault's own folder, with its private keys; nothing else may be able to read it, and no
    backup may hold it, or destroying a key destroys nothing. Default: ``vault`` in ``data_dir``."""

    exports_dir: Path
    """Where data sets are written that are asked for on the web. Default: ``./exports``."""

    cooling_off_seconds: int
    """How long a meeting that everyone has released waits, for people to change their minds.
    Default: 86400, a day."""

    poll_interval_ms: int
    """How often the worker looks for something to do. Default: 1000."""

    @classmethod
    def load(cls, config_file: Path | None, environ: Mapping[str, str]) -> Self:
        """Read and validate all settings; raises ConfigError that lists every mistake."""
        table = _read_file(config_file)
        mistakes: list[str] = []

        def get(key: str, parse: Callable[[Any], Any], default: Any) -> Any:
            value = environ.get(PREFIX + key.upper(), table.get(key))
            if value is None:
                return default
            try:
                return parse(value)
            except ValueError as error:
                mistakes.append(f"{key} {error}.")
                return default

        data_dir = get("data_dir", _path, Path("data"))
        settings = cls(
            data_dir=data_dir,
            database_url=get(
                "database_url", _database_url, f"sqlite+aiosqlite:///{data_dir / 'assent.db'}"
            ),
            objects_url=get("objects_url", _objects_url, str(data_dir / "objects")),
            vault_dir=get("vault_dir", _path, data_dir / "vault"),
            exports_dir=get("exports_dir", _path, Path("exports")),
            cooling_off_seconds=get("cooling_off_seconds", _whole(0, _YEAR_SECONDS), 86_400),
            poll_interval_ms=get("poll_interval_ms", _whole(10, 3_600_000), 1_000),
        )
        if mistakes:
            raise ConfigError(mistakes)
        if settings._keys_in_store():
            raise ConfigError(["vault_dir must be outside the folder that objects_url names."])
        return settings

    def _keys_in_store(self) -> bool:
        """Whether the private keys would lie among the objects, to be copied along with them."""
        objects = Path(unquote(urlsplit(self.objects_url).path)).absolute()
        return self.vault_dir.absolute().is_relative_to(objects)


def _read_file(path: Path | None) -> Mapping[str, Any]:
    if path is None:
        return {}
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_FILE_BYTES + 1)
        if len(data) > _MAX_FILE_BYTES:
            raise ConfigError([f"The settings file {path} is over 1 MiB."])
        return tomllib.loads(data.decode())
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigError([f"The settings file {path} cannot be read: {reason}."]) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError([f"The settings file {path} is not TOML: {error}."]) from error


# Each reads one value, as TOML or the environment gives it; a ValueError's text is the end of a
# sentence that begins with the key.


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError("must be text that is not empty")
    return value


def _path(value: Any) -> Path:
    return Path(_text(value))


def _whole(least: int, most: int) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return value

    return parse


def _database_url(value: Any) -> str:
    # The value is never shown: it may hold a password.
    text = _text(value)
    scheme, separator, rest = text.partition("://")
    if scheme not in _DATABASE_SCHEMES or not separator or not rest:
        raise ValueError("must begin with sqlite:/// or postgresql://")
    return text


def _objects_url(value: Any) -> str:
    text = _text(value)
    parts = urlsplit(text)
    if parts.scheme not in ("", "file") or parts.netloc not in ("", "localhost"):
        raise ValueError("must be a folder, as a path or as file:///path")
    if not parts.path:
        raise ValueError("must be a folder, as a path or as file:///path")
    return text
