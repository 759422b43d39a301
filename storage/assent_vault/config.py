"""The vault's settings, and those it shares with the server: read once, validated at once.

Both processes read the same file and the same environment, by ``assent_vault.given``; keys that
only the server has a use for must be known here, too, and are otherwise passed over.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Self
from urllib.parse import unquote, urlsplit

from sqlalchemy.engine import make_url

from assent_vault.errors import ConfigError
from assent_vault.given import SERVER_KEYS, Given
from assent_vault.setting_values import Mistake, doc, number, one_of

LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["auto", "json", "console"]

_YEAR_SECONDS: Final = 366 * 24 * 60 * 60
_DATABASE_SCHEMES: Final = ("sqlite", "sqlite+aiosqlite", "postgresql", "postgresql+psycopg")


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultSettings:
    """Everything the vault worker can be told. Make one with ``VaultSettings.load``."""

    data_dir: Path = field(
        metadata=doc("Folder for whatever is not given a place of its own. Default: ./data")
    )
    # Not shown: it may hold a password.
    database_url: str = field(
        repr=False,
        metadata=doc(
            "sqlite:////path or postgresql://user:password@host/name. "
            "Default: a SQLite file in data_dir."
        ),
    )
    objects_url: str = field(
        metadata=doc("Folder for sealed recordings. Default: objects in data_dir.")
    )
    vault_dir: Path = field(
        metadata=doc(
            "The vault's own folder, with its private keys; nothing else may be able to read it. "
            "Keep it out of every backup. Default: vault in data_dir."
        )
    )
    exports_dir: Path = field(
        metadata=doc("Folder for data sets that administrators ask for. Default: ./exports")
    )
    cooling_off_seconds: int = field(
        metadata=doc(
            "How long what everyone has released still waits, in seconds. Of this and what people "
            "have signed the longer counts. Default: 86400"
        )
    )
    # The server's as well, where it has a default: what it offers for signing.
    retention_days: int | None = field(
        metadata=doc("Days after which the recording of a meeting is destroyed.")
    )
    poll_interval_ms: int = field(
        metadata=doc("How often the vault worker looks for work. Default: 1000")
    )
    log_level: LogLevel = field(
        default="info",
        metadata=doc("Least level that is logged: debug, info, warning, error. Default: info"),
    )
    log_format: LogFormat = field(
        default="auto",
        metadata=doc(
            "json: one object a line. console: for people. auto: console on a terminal. "
            "Default: auto"
        ),
    )
    free_space_floor_mb: int = field(
        metadata=doc(
            "With less than so many MB free, on the disk of database or objects, nothing "
            "is recorded or exported: what people say needs the room. 0 keeps none. Default: 256"
        )
    )
    # The worker's as well as the server's: it looks itself before it begins.
    export_approvals: int = field(
        default=0,
        metadata=doc(
            "How many administrators must approve an export that another one asks for in the "
            "console, before the vault worker begins it: 0 or 1. Default: 0"
        ),
    )
    # Likewise. Whoever has taken over the server can ask for what is handed out to pages.
    export_downloads: int = field(
        default=0,
        metadata=doc(
            "How many data sets the vault worker hands to pages of administrators at a time, each "
            "sealed to a key of the page's: 0 to 8. 0, the default: none"
        ),
    )

    @classmethod
    def load(cls, config_file: Path | None, environ: Mapping[str, str]) -> Self:
        """Read and validate all settings; raises ConfigError that lists every mistake."""
        given = Given(config_file, environ)
        mistakes: list[str] = []

        def get(key: str, parse: Callable[[Any], Any], default: Any) -> Any:
            value = given.get(key)
            if value is None:
                return default
            try:
                return parse(value)
            except (Mistake, ValueError) as mistake:  # the latter is urlsplit's
                mistakes.append(f"{key} {mistake}.")
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
            cooling_off_seconds=get("cooling_off_seconds", number(0, _YEAR_SECONDS), 86_400),
            retention_days=get("retention_days", number(1, 36_500), None),
            poll_interval_ms=get("poll_interval_ms", number(10, 3_600_000), 1_000),
            free_space_floor_mb=get("free_space_floor_mb", number(0, 1_000_000), 256),
            export_approvals=get("export_approvals", number(0, 1), 0),
            export_downloads=get("export_downloads", number(0, 8), 0),
            log_level=get("log_level", one_of("debug", "info", "warning", "error"), "info"),
            log_format=get("log_format", one_of("auto", "json", "console"), "auto"),
        )
        mistakes += given.unknown(SHARED_KEYS | SERVER_KEYS)
        if mistakes:
            raise ConfigError(mistakes)
        if settings._keys_in_store():
            raise ConfigError(["vault_dir must be outside the folder that objects_url names."])
        return settings

    def disks(self, server: Path | None = None) -> dict[str, Path]:
        """Return the folders whose disks answers depend on, or recordings fill; by a name each.

        ``server`` is the server's own folder, where it is not in ``data_dir``.
        """
        found = {"objects": self.objects_folder, "server": server or self.data_dir / "server"}
        if self.database_url.startswith("sqlite"):
            database = make_url(self.database_url).database
            found["database"] = Path(database or "").parent
        return found

    def _keys_in_store(self) -> bool:
        """Whether the private keys would lie among the objects, to be copied along with them."""
        return self.vault_dir.absolute().is_relative_to(self.objects_folder.absolute())

    @property
    def objects_folder(self) -> Path:
        """The folder that ``objects_url`` names."""
        return Path(unquote(urlsplit(self.objects_url).path))


SHARED_KEYS: Final = frozenset(item.name for item in dataclasses.fields(VaultSettings))
"""Every key that both commands read."""


# What only the vault's settings are read with.


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise Mistake("must be text that is not empty")
    return value


def _path(value: Any) -> Path:
    return Path(_text(value))


def _database_url(value: Any) -> str:
    # The value is never shown: it may hold a password.
    text = _text(value)
    scheme, separator, rest = text.partition("://")
    if scheme not in _DATABASE_SCHEMES or not separator or not rest:
        raise Mistake("must begin with sqlite:/// or postgresql://")
    return text


def _objects_url(value: Any) -> str:
    text = _text(value)
    parts = urlsplit(text)
    if parts.scheme not in ("", "file") or parts.netloc not in ("", "localhost"):
        raise Mistake("must be a folder, as a path or as file:///path")
    if not parts.path:
        raise Mistake("must be a folder, as a path or as file:///path")
    return text
