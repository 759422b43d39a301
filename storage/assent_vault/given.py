"""What an operator has set: a file in TOML, and over it the environment; for both commands.

Server and worker read the same file and the same environment: key ``data_dir`` of the file, or
``ASSENT_DATA_DIR``, which wins. A key that nobody knows is a mistake in either, for a misspelt
setting that is silently ignored is worse than none. Each command knows the other's keys by name.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from assent_vault.errors import ConfigError

PREFIX: Final = "ASSENT_"
# Names the file itself; everything else with our prefix must be a key.
CONFIG_VARIABLE: Final = "ASSENT_CONFIG"
# Ours as well, but for who tests this program.
_TEST_PREFIX: Final = "ASSENT_TEST_"
_MAX_FILE_BYTES: Final = 1024 * 1024

SERVER_KEYS: Final = frozenset(
    {
        "grace_seconds",
        "listen_host",
        "listen_port",
        "log_origin",
        "max_participants",
        "max_people_per_meeting",
        "media_addresses",
        "media_host",
        "media_port",
        "media_processes",
        "media_tcp",
        "metrics_host",
        "metrics_port",
        "notice_dir",
        "operator_contact",
        "operator_name",
        "public_url",
        "server_dir",
        "show_names",
        "tls_certificate",
        "tls_key",
        "trusted_proxies",
        "turn_secret",
        "turn_urls",
        "witnesses",
        "worker",
    }
)
"""Keys of ``assent.config`` that this package has no use for; it must not import that."""


class Given:
    """The values as they were given. Raises ConfigError where the file cannot be read at all."""

    def __init__(self, config_file: Path | None, environ: Mapping[str, str]) -> None:
        self._table = _read_file(config_file)
        self._environ = environ

    def get(self, key: str) -> Any:
        """Return what a key is set to, as TOML or the environment gives it; None where unset."""
        return self._environ.get(PREFIX + key.upper(), self._table.get(key))

    def unknown(self, known: Collection[str]) -> Iterator[str]:
        """Yield a sentence for every key that is none, with the one that may be meant."""
        for key in sorted(set(self._table) - set(known)):
            yield f"{key} is not a setting{_nearest(key, known, str)}."
        for name in sorted(self._environ):
            if not name.startswith(PREFIX) or name.startswith(_TEST_PREFIX):
                continue
            key = name.removeprefix(PREFIX)
            if name != CONFIG_VARIABLE and (key != key.upper() or key.lower() not in known):
                hint = _nearest(key.lower(), known, lambda found: PREFIX + found.upper())
                yield f"{name} in the environment is not a setting{hint}."


def _nearest(key: str, known: Collection[str], spell: Callable[[str], str]) -> str:
    found = difflib.get_close_matches(key, sorted(known), n=1)
    return f"; perhaps {spell(found[0])} is meant" if found else ""


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
