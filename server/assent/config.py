"""The server's settings: one frozen object, read and validated once, every key documented here.

A key is read from the environment as ``ASSENT_<KEY>``, else from the TOML file, else it has the
default below. Lists are arrays in TOML and separated by commas in the environment. A key nobody
knows is a mistake, for a misspelt setting that is silently ignored is worse than none; and all
mistakes are named at once. Keys that the vault worker reads too are in ``assent_vault.config``.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import ssl
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self, cast
from urllib.parse import urlsplit

from assent.errors import ConfigError
from assent_vault.config import VaultSettings
from assent_vault.errors import ConfigError as VaultConfigError

ENVIRONMENT_PREFIX = "ASSENT_"
# Names the file itself; everything else with our prefix must be a key.
_CONFIG_VARIABLE = "ASSENT_CONFIG"
_MAX_CONFIG_BYTES = 1024 * 1024

# Who runs the server is the first thing a notice has to say, so there is no true default. These
# stand in on a machine that only answers itself; elsewhere the settings are demanded.
_TRIAL_NAME = "somebody trying out Assent on their own computer"
_TRIAL_CONTACT = "(nobody to reach: this is a trial)"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LogLevel = Literal["debug", "info", "warning", "error"]


def _doc(text: str) -> dict[str, str]:
    """Say what a setting means; ``describe`` prints it."""
    return {"doc": text}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an operator can set. Make one with ``Settings.load``."""

    vault: VaultSettings
    """What server and worker share: data_dir, database_url, objects_url, vault_dir, …"""

    listen_host: str = field(
        default="127.0.0.1",
        metadata=_doc("Address the web server listens on."),
    )
    listen_port: int = field(
        default=8080,
        metadata=_doc("TCP port the web server listens on."),
    )
    public_url: str = field(
        default="http://localhost:8080",
        metadata=_doc(
            "What people type to reach this server: https://name[:port], or http://localhost[:port]. "
            "Browsers give cameras and microphones to nothing else. Without it: this machine."
        ),
    )
    tls_certificate: Path | None = field(
        default=None,
        metadata=_doc("PEM file of the certificate chain, for HTTPS."),
    )
    tls_key: Path | None = field(
        default=None,
        metadata=_doc("PEM file of the certificate's private key, unencrypted."),
    )
    trusted_proxies: tuple[Network, ...] = field(
        default=(),
        metadata=_doc(
            "Addresses or networks of the proxies in front of this server that terminate TLS. Only "
            "from these is X-Forwarded-For believed."
        ),
    )
    media_host: str = field(
        default="0.0.0.0",  # noqa: S104 (everyone sends here)
        metadata=_doc("Address the media server's UDP socket is bound to."),
    )
    media_port: int = field(
        default=7881,
        metadata=_doc("UDP port for everyone's media; 0 takes any free one."),
    )
    media_addresses: tuple[str, ...] = field(
        default=(),
        metadata=_doc(
            "IP addresses announced to browsers for media; behind NAT, the public one. Empty: every "
            "address of this machine."
        ),
    )
    operator_name: str = field(
        default=_TRIAL_NAME,
        metadata=_doc(
            "Who runs this server, as the notice says it: a person or an organisation. Required "
            "unless public_url is this machine."
        ),
    )
    operator_contact: str = field(
        default=_TRIAL_CONTACT,
        metadata=_doc(
            "How to reach them: a mail or postal address, a page. Required like operator_name."
        ),
    )
    notice_dir: Path | None = field(
        default=None,
        metadata=_doc(
            "Folder with your own notices, one <language>.md each. Without it: the packaged ones."
        ),
    )
    show_names: bool = field(
        default=False,
        metadata=_doc(
            "Show everybody in a meeting who has agreed to the recording, and not only how many."
        ),
    )
    max_participants: int = field(
        default=50,
        metadata=_doc("Most people in one meeting at a time."),
    )
    max_people_per_meeting: int = field(
        default=200,
        metadata=_doc("Most people who may ever enter one meeting."),
    )
    grace_seconds: int = field(
        default=15,
        metadata=_doc("How long a lost connection may take to come back."),
    )
    retention_days: int = field(
        default=90,
        metadata=_doc("Days after which the recording of a meeting is destroyed."),
    )
    worker: Literal["embedded", "external"] = field(
        default="embedded",
        metadata=_doc(
            "embedded: the server starts the vault worker itself. external: you run "
            "`assent-vault worker`, as another user or on another machine."
        ),
    )
    log_level: LogLevel = field(
        default="info",
        metadata=_doc("Least level that is logged: debug, info, warning, error."),
    )
    log_format: Literal["auto", "json", "console"] = field(
        default="auto",
        metadata=_doc("json: one object a line. console: for people. auto: console on a terminal."),
    )

    @classmethod
    def load(cls, config_file: Path | None, environ: Mapping[str, str]) -> Self:
        """Read and validate all settings; raises ConfigError that lists every mistake."""
        return cast("Self", _Loader(config_file, environ).load(cls))

    @property
    def origin(self) -> str:
        """What browsers send as ``Origin`` from this server's own pages."""
        return self.public_url

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the server under its public URL."""
        return _is_local(urlsplit(self.public_url).hostname or "")

    @property
    def is_https(self) -> bool:
        """Whether browsers reach the server over TLS, here or at a trusted proxy."""
        return self.public_url.startswith("https://")

    def tls(self) -> ssl.SSLContext | None:
        """Return the context for serving TLS here, None where it is not ours to serve."""
        if self.tls_certificate is None or self.tls_key is None:
            return None
        return _tls_context(self.tls_certificate, self.tls_key)


def describe() -> str:
    """Return every key of the server with its default and meaning, for ``check-config --keys``."""
    lines = []
    for item in _own_fields():
        default = item.default
        shown = ", ".join(map(str, default)) if isinstance(default, tuple) else default
        if isinstance(default, bool):
            shown = str(default).lower()
        lines.append(f"{item.name} = {'(none)' if shown in (None, '') else shown}")
        lines.append(f"    {item.metadata['doc']}")
    return "\n".join(lines)


def _own_fields() -> tuple[dataclasses.Field[Any], ...]:
    return tuple(item for item in dataclasses.fields(Settings) if item.name != "vault")


class _Mistake(Exception):
    """What is wrong with one value, as the end of a sentence that begins with its key."""


class _Loader:
    """Reads one set of settings and gathers what is wrong with them."""

    def __init__(self, config_file: Path | None, environ: Mapping[str, str]) -> None:
        self._config_file = config_file
        self._environ = environ
        self._mistakes: list[str] = []
        self._broken: set[str] = set()

    def load(self, kind: type[Settings]) -> Settings:
        table = self._read_file()
        given = {
            key: value
            for item in _own_fields()
            if (value := self._lookup(key := item.name, table)) is not None
        }
        vault = self._load_vault()
        values = {key: self._parse(key, value) for key, value in given.items()}
        values = {key: value for key, value in values.items() if key not in self._broken}
        values.setdefault("public_url", self._default_url(values))
        self._find_unknown(table)
        self._cross_check(values)
        if self._mistakes or vault is None:
            raise ConfigError(self._mistakes)
        return kind(vault=vault, **values)

    # Reading.

    def _read_file(self) -> dict[str, Any]:
        if self._config_file is None:
            return {}
        try:
            data = self._config_file.read_bytes()
            if len(data) > _MAX_CONFIG_BYTES:
                raise ConfigError([f"The settings file {self._config_file} is over 1 MiB."])
            return tomllib.loads(data.decode())
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ConfigError(
                [f"The settings file {self._config_file} cannot be read: {reason}."]
            ) from error
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigError(
                [f"The settings file {self._config_file} is not TOML: {error}."]
            ) from error

    def _lookup(self, key: str, table: Mapping[str, Any]) -> Any:
        return self._environ.get(ENVIRONMENT_PREFIX + key.upper(), table.get(key))

    def _load_vault(self) -> VaultSettings | None:
        try:
            return VaultSettings.load(self._config_file, self._environ)
        except VaultConfigError as error:
            self._mistakes.extend(error.mistakes)
            return None

    def _find_unknown(self, table: Mapping[str, Any]) -> None:
        known = {item.name for item in _own_fields()}
        known |= {item.name for item in dataclasses.fields(VaultSettings)}
        for key in sorted(set(table) - known):
            self._mistakes.append(f"{key} is not a setting.")
        for name in sorted(self._environ):
            if not name.startswith(ENVIRONMENT_PREFIX) or name == _CONFIG_VARIABLE:
                continue
            key = name.removeprefix(ENVIRONMENT_PREFIX)
            if key != key.upper() or key.lower() not in known:
                self._mistakes.append(f"{name} in the environment is not a setting.")

    # Values.

    def _parse(self, key: str, value: Any) -> Any:
        try:
            return _PARSERS[key](value)
        except _Mistake as mistake:
            self._mistakes.append(f"{key} {mistake}.")
            self._broken.add(key)
            return None

    @staticmethod
    def _default_url(values: Mapping[str, Any]) -> str:
        """Without a public URL this machine serves itself, on whatever port it was given."""
        tls = "tls_certificate" in values
        port = values.get("listen_port", 8080)
        usual = port == (443 if tls else 80)
        return f"{'https' if tls else 'http'}://localhost{'' if usual else f':{port}'}"

    # What no value can tell by itself.

    def _cross_check(self, values: Mapping[str, Any]) -> None:
        self._check_tls(values)
        self._check_limits(values)
        if self._broken & {"public_url", "tls_certificate", "tls_key", "trusted_proxies"}:
            return
        url = urlsplit(values["public_url"])
        local = _is_local(url.hostname or "")
        tls = "tls_certificate" in values
        if url.scheme == "http" and not local:
            self._mistakes.append(
                "public_url must begin with https://, for browsers give cameras and microphones "
                "only to HTTPS and to localhost; set tls_certificate and tls_key, or name the "
                "proxy that terminates TLS in trusted_proxies."
            )
        if url.scheme == "http" and tls:
            self._mistakes.append(
                "public_url must begin with https:// where tls_certificate is set."
            )
        if url.scheme == "https" and not tls and not values.get("trusted_proxies"):
            self._mistakes.append(
                "public_url says https://, but nothing terminates TLS: set tls_certificate and "
                "tls_key, or name the proxy that does in trusted_proxies."
            )
        if not local:
            self._mistakes.extend(
                f"{key} must be set: the notice tells everyone who runs this server."
                for key in ("operator_name", "operator_contact")
                if key not in values and key not in self._broken
            )

    def _check_limits(self, values: Mapping[str, Any]) -> None:
        defaults = {item.name: item.default for item in _own_fields()}
        most = values.get("max_participants", defaults["max_participants"])
        ever = values.get("max_people_per_meeting", defaults["max_people_per_meeting"])
        if ever < most:
            self._mistakes.append(
                "max_people_per_meeting must be at least max_participants: whoever is in a "
                "meeting has entered it."
            )

    def _check_tls(self, values: Mapping[str, Any]) -> None:
        if self._broken & {"tls_certificate", "tls_key"}:
            return
        certificate, key = values.get("tls_certificate"), values.get("tls_key")
        if certificate is None and key is None:
            return
        if certificate is None or key is None:
            missing = "tls_certificate" if certificate is None else "tls_key"
            self._mistakes.append(f"{missing} must be set, too: one is of no use alone.")
            self._broken.add(missing)
            return
        try:
            _tls_context(certificate, key)
        except (ssl.SSLError, ValueError, OSError) as error:
            self._broken.add("tls_certificate")
            self._mistakes.append(_tls_mistake(error))


# One parser for each key: the given value in, the setting out, or a _Mistake.


def _text(least: int, most: int) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if not isinstance(value, str):
            raise _Mistake("must be text")
        text = value.strip()
        if not least <= len(text) <= most:
            raise _Mistake(f"must have {least} to {most} characters")
        if any(ord(point) < 32 or ord(point) == 127 for point in text):
            raise _Mistake("must be a single line without control characters")
        return text

    return parse


def _number(least: int, most: int) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        if isinstance(value, str) and value.isascii() and value.strip().isdigit():
            value = int(value) if len(value) < 20 else most + 1
        if isinstance(value, bool) or not isinstance(value, int):
            raise _Mistake(f"must be a whole number from {least} to {most}")
        if not least <= value <= most:
            raise _Mistake(f"must be from {least} to {most}")
        return value

    return parse


def _switch(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise _Mistake("must be true or false")


def _one_of(*choices: str) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            raise _Mistake(f"must be one of {', '.join(choices)}")
        return value

    return parse


def _items(value: Any) -> list[str]:
    if isinstance(value, str):
        return [item.strip() for item in value.split(",") if item.strip()]
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    raise _Mistake("must be a list of texts")


def _addresses(value: Any) -> tuple[str, ...]:
    found = []
    for item in _items(value):
        try:
            address = ipaddress.ip_address(item)
        except ValueError as error:
            raise _Mistake(f"must hold IP addresses, and {item!r} is none") from error
        if address.is_unspecified or address.is_multicast:
            raise _Mistake(f"must hold addresses that people can reach, and {item} is none")
        found.append(str(address))
    return tuple(dict.fromkeys(found))


def _networks(value: Any) -> tuple[Network, ...]:
    found = []
    for item in _items(value):
        try:
            network = ipaddress.ip_network(item)
        except ValueError as error:
            raise _Mistake(f"must hold IP addresses or networks, and {item!r} is none") from error
        if network.prefixlen == 0:
            raise _Mistake(f"cannot hold {item}: that trusts everybody")
        found.append(network)
    return tuple(found)


def _bind_address(value: Any) -> str:
    text = _text(1, 255)(value)
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        raise _Mistake("must be an IP address of this machine, or 0.0.0.0 or ::") from error


def _file(value: Any) -> Path:
    path = Path(_text(1, 4096)(value))
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        raise _Mistake(f"cannot be read: {error.strerror or type(error).__name__}") from error


def _folder(value: Any) -> Path:
    path = Path(_text(1, 4096)(value))
    if not path.is_dir():
        raise _Mistake("must be an existing folder")
    return path


def _url(value: Any) -> str:
    """Bring the URL into the form in which a browser writes its origin."""
    text = _text(1, 2048)(value)
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname or ""
    except ValueError as error:
        raise _Mistake("must be a URL") from error
    if parts.scheme not in ("http", "https") or not host:
        raise _Mistake("must be a URL that begins with https:// (or http:// for localhost)")
    if parts.username is not None or parts.password is not None:
        raise _Mistake("must not hold a user name or password")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise _Mistake("must be a scheme, a name and perhaps a port, without a path")
    if port == 0:
        raise _Mistake("must not have port 0")
    usual = {"http": 80, "https": 443}[parts.scheme]
    suffix = "" if port in (None, usual) else f":{port}"
    return f"{parts.scheme}://{_host(host)}{suffix}"


def _host(host: str) -> str:
    if ":" in host:
        try:
            return f"[{ipaddress.IPv6Address(host)}]"
        except ValueError as error:
            raise _Mistake("must hold a valid name or address") from error
    try:
        name = host.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise _Mistake("must hold a valid name or address") from error
    if not name.replace("-", "").replace(".", "").isalnum():
        raise _Mistake("must hold a valid name or address")
    return name


def _is_local(host: str) -> bool:
    """Whether browsers take the host for this machine, and so for a secure context.

    Precedent: W3C Secure Contexts, section 3.1, steps 4 and 5.
    """
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # A password is never asked for: nobody may be sitting at the terminal.
    context.load_cert_chain(certificate, key, password="")
    return context


def _tls_mistake(error: Exception) -> str:
    reason = getattr(error, "reason", None)
    if reason == "KEY_VALUES_MISMATCH":
        return "tls_certificate and tls_key do not belong together."
    if reason in ("BAD_DECRYPT", "BAD_PASSWORD_READ") or isinstance(error, ValueError):
        return "tls_key is encrypted; it must be stored without a password."
    return "tls_certificate and tls_key cannot be used: they must be a PEM chain and its key."


_PARSERS: Mapping[str, Callable[[Any], Any]] = {
    "listen_host": _bind_address,
    "listen_port": _number(1, 65535),
    "public_url": _url,
    "tls_certificate": _file,
    "tls_key": _file,
    "trusted_proxies": _networks,
    "media_host": _bind_address,
    "media_port": _number(0, 65535),
    "media_addresses": _addresses,
    "operator_name": _text(1, 200),
    "operator_contact": _text(1, 500),
    "notice_dir": _folder,
    "show_names": _switch,
    # FORMAT.md section 8: an epoch header is at most 2 MiB, and a person in it takes 3.5 KiB.
    "max_participants": _number(1, 500),
    "max_people_per_meeting": _number(1, 500),
    "grace_seconds": _number(1, 300),
    "retention_days": _number(1, 36500),
    "worker": _one_of("embedded", "external"),
    "log_level": _one_of("debug", "info", "warning", "error"),
    "log_format": _one_of("auto", "json", "console"),
}
