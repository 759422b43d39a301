"""The server's settings: one frozen object, read and validated once, every key documented here.

A key is read from the environment as ``ASSENT_<KEY>``, else from the TOML file, else it has the
default below. Lists are arrays in TOML and separated by commas in the environment. All mistakes are
named at once, keys that nobody knows among them. Keys that the vault worker reads too are in
``assent_vault.config``; it knows those of the server by name (``assent_vault.given``).
"""

from __future__ import annotations

import dataclasses
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self, cast
from urllib.parse import urlsplit

from assent.config_values import (
    Network,
    addresses,
    bind_address,
    file,
    folder,
    is_local,
    log_name,
    networks,
    path,
    switch,
    text,
    turn_urls,
    url,
    witnesses,
)
from assent.errors import ConfigError
from assent_vault.config import VaultSettings
from assent_vault.errors import ConfigError as VaultConfigError
from assent_vault.given import Given
from assent_vault.ledger.witness import Witness
from assent_vault.setting_values import Mistake, doc, number, one_of

# Who runs the server is the first thing a notice has to say, so there is no true default. These
# stand in on a machine that only answers itself; elsewhere the settings are demanded.
_TRIAL_NAME = "somebody trying out Assent on their own computer"
_TRIAL_CONTACT = "(nobody to reach: this is a trial)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an operator can set. Make one with ``Settings.load``."""

    # Not shown: its database URL may hold a password.
    vault: VaultSettings = field(repr=False)
    """What server and worker share: data_dir, database_url, objects_url, log_level, …"""

    listen_host: str = field(
        default="127.0.0.1",
        metadata=doc("Address the web server listens on."),
    )
    listen_port: int = field(
        default=8080,
        metadata=doc("TCP port the web server listens on."),
    )
    public_url: str = field(
        default="http://localhost:8080",
        metadata=doc(
            "What people type to reach this server: https://name[:port], or "
            "http://localhost[:port]. Browsers give cameras and microphones to nothing else. "
            "Without it: this machine."
        ),
    )
    tls_certificate: Path | None = field(
        default=None,
        metadata=doc("PEM file of the certificate chain, for HTTPS."),
    )
    tls_key: Path | None = field(
        default=None,
        metadata=doc("PEM file of the certificate's private key, unencrypted."),
    )
    trusted_proxies: tuple[Network, ...] = field(
        default=(),
        metadata=doc(
            "Addresses or networks of the proxies in front of this server that terminate TLS. Only "
            "from these is X-Forwarded-For believed."
        ),
    )
    media_host: str = field(
        default="0.0.0.0",  # noqa: S104 (everyone sends here)
        metadata=doc("Address the media server's UDP socket is bound to."),
    )
    media_port: int = field(
        default=7881,
        metadata=doc("UDP port for everyone's media; 0 takes any free one."),
    )
    media_tcp: bool = field(
        default=True,
        metadata=doc(
            "Take media on the TCP port of the same number as well, from browsers whose network "
            "lets no UDP through."
        ),
    )
    media_processes: int = field(
        default=0,
        metadata=doc(
            "How many processes carry media; a meeting is in one of them. 0: one for each core "
            "but one, at least one. More than cores are of no use."
        ),
    )
    media_addresses: tuple[str, ...] = field(
        default=(),
        metadata=doc(
            "IP addresses announced to browsers for media; behind NAT, the public one. Empty: "
            "every address of this machine."
        ),
    )
    turn_urls: tuple[str, ...] = field(
        default=(),
        metadata=doc(
            "Your own TURN relays for networks that let nothing else through: "
            "turn:name[:port][?transport=udp|tcp] or turns:name[:port]. None by default."
        ),
    )
    turn_secret: str = field(
        default="",
        repr=False,
        metadata=doc(
            "What the relays share with this server to make credentials that run out: coturn's "
            "static-auth-secret, at least 32 characters."
        ),
    )
    metrics_host: str = field(
        default="127.0.0.1",
        metadata=doc("Address at which metrics_port is listened on."),
    )
    metrics_port: int = field(
        default=0,
        metadata=doc(
            "TCP port that answers GET /metrics for Prometheus, to anybody who reaches it; it has "
            "numbers, and nothing of a person or a meeting. 0, the default: none."
        ),
    )
    operator_name: str = field(
        default=_TRIAL_NAME,
        metadata=doc(
            "Who runs this server, as the notice says it: a person or an organisation. Required "
            "unless public_url is this machine."
        ),
    )
    operator_contact: str = field(
        default=_TRIAL_CONTACT,
        metadata=doc(
            "How to reach them: a mail or postal address, a page. Required like operator_name."
        ),
    )
    notice_dir: Path | None = field(
        default=None,
        metadata=doc(
            "Folder with your own notices, one <language>.md each. Without it: the packaged ones."
        ),
    )
    show_names: bool = field(
        default=False,
        metadata=doc(
            "Show everybody in a meeting who has agreed to the recording, and not only how many."
        ),
    )
    max_participants: int = field(
        default=50,
        metadata=doc("Most people in one meeting at a time; its host comes in beyond that."),
    )
    max_people_per_meeting: int = field(
        default=200,
        metadata=doc("Most people who may ever be let into one meeting, its host aside."),
    )
    grace_seconds: int = field(
        default=15,
        metadata=doc("How long a lost connection may take to come back."),
    )
    retention_days: int = field(
        default=90,
        metadata=doc("Days after which the recording of a meeting is destroyed."),
    )
    log_origin: str = field(
        default="",
        metadata=doc(
            "What the public log of statements is called, for good, when it is first made. Empty: "
            "public_url without its scheme, and /log."
        ),
    )
    witnesses: tuple[Witness, ...] = field(
        default=(),
        metadata=doc(
            "Witnesses that cosign the log's heads (C2SP tlog-witness): each the URL it takes them "
            "at, a space, and its public key. They notice when an older database is brought back."
        ),
    )
    server_dir: Path | None = field(
        default=None,
        metadata=doc(
            "The server's own folder, with its keys; nothing else may be able to read it, the "
            "vault worker included. Empty: server in data_dir."
        ),
    )
    worker: Literal["embedded", "external"] = field(
        default="embedded",
        metadata=doc(
            "embedded: the server starts the vault worker itself. external: you run "
            "`assent-vault worker`, as another user or on another machine."
        ),
    )

    @classmethod
    def load(cls, config_file: Path | None, environ: Mapping[str, str]) -> Self:
        """Read and validate all settings; raises ConfigError that lists every mistake."""
        return cast("Self", _Loader(config_file, environ).load(cls))

    @property
    def server_folder(self) -> Path:
        """The folder of the server's own keys."""
        return self.server_dir or self.vault.data_dir / "server"

    @property
    def origin(self) -> str:
        """What browsers send as ``Origin`` from this server's own pages."""
        return self.public_url

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
    own = {item.name for item in _own_fields()}
    for item in dataclasses.fields(VaultSettings):
        if item.name in own:
            continue
        lines += [item.name, f"    {item.metadata['doc']}"]
    return "\n".join(lines)


def _own_fields() -> tuple[dataclasses.Field[Any], ...]:
    return tuple(item for item in dataclasses.fields(Settings) if item.name != "vault")


class _Loader:
    """Reads one set of settings and gathers what is wrong with them."""

    def __init__(self, config_file: Path | None, environ: Mapping[str, str]) -> None:
        self._config_file = config_file
        self._environ = environ
        self._mistakes: list[str] = []
        self._broken: set[str] = set()

    def load(self, kind: type[Settings]) -> Settings:
        vault = self._load_vault()  # which also names the keys that nobody knows
        try:
            read = Given(self._config_file, self._environ)
        except VaultConfigError as error:
            raise ConfigError(error.mistakes) from error
        given = {
            key: value
            for item in _own_fields()
            if (value := read.get(key := item.name)) is not None
        }
        values = {key: self._parse(key, value) for key, value in given.items()}
        values = {key: value for key, value in values.items() if key not in self._broken}
        values.setdefault(
            "public_url",
            self._default_url(values, bool({"tls_certificate", "tls_key"} & set(given))),
        )
        self._cross_check(values, vault)
        if self._mistakes or vault is None:
            raise ConfigError(self._mistakes)
        return kind(vault=vault, **values)

    def _load_vault(self) -> VaultSettings | None:
        try:
            return VaultSettings.load(self._config_file, self._environ)
        except VaultConfigError as error:
            self._mistakes.extend(error.mistakes)
            return None

    # Values.

    def _parse(self, key: str, value: Any) -> Any:
        try:
            return _PARSERS[key](value)
        except Mistake as mistake:
            self._mistakes.append(f"{key} {mistake}.")
            self._broken.add(key)
            return None

    @staticmethod
    def _default_url(values: Mapping[str, Any], tls: bool) -> str:
        """Without a public URL this machine serves itself, on whatever port it was given."""
        port = values.get("listen_port", 8080)
        usual = port == (443 if tls else 80)
        return f"{'https' if tls else 'http'}://localhost{'' if usual else f':{port}'}"

    # What no value can tell by itself.

    def _cross_check(self, values: Mapping[str, Any], vault: VaultSettings | None) -> None:
        self._check_tls(values)
        self._check_limits(values)
        self._check_folders(values, vault)
        self._check_turn(values)
        if "public_url" in self._broken:
            return
        parts = urlsplit(values["public_url"])
        local = is_local(parts.hostname or "")
        tls = "tls_certificate" in values or bool(self._broken & {"tls_certificate", "tls_key"})
        proxied = bool(values.get("trusted_proxies")) or "trusted_proxies" in self._broken
        if parts.scheme == "http" and not local:
            self._mistakes.append(
                "public_url must begin with https://, for browsers give cameras and microphones "
                "only to HTTPS and to localhost; set tls_certificate and tls_key, or name the "
                "proxy that terminates TLS in trusted_proxies."
            )
        elif parts.scheme == "http" and tls:
            self._mistakes.append(
                "public_url must begin with https:// where tls_certificate is set."
            )
        elif parts.scheme == "https" and not tls and not proxied:
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

    def _check_folders(self, values: Mapping[str, Any], vault: VaultSettings | None) -> None:
        own = values.get("server_dir")
        if own is None or vault is None:
            return
        others = {"vault_dir": vault.vault_dir, "objects_url": vault.objects_folder}
        self._mistakes.extend(
            f"server_dir must be outside the folder that {key} names."
            for key, folder in others.items()
            if own.absolute().is_relative_to(folder.absolute())
        )

    def _check_turn(self, values: Mapping[str, Any]) -> None:
        if self._broken & {"turn_urls", "turn_secret"}:
            return
        if bool(values.get("turn_urls")) != bool(values.get("turn_secret")):
            self._mistakes.append(
                "turn_urls and turn_secret must be set together: a relay takes credentials only."
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
            self._mistakes.append(_tls_mistake(error, key))


def _tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # A password is never asked for: nobody may be sitting at the terminal.
    context.load_cert_chain(certificate, key, password="")
    return context


def _tls_mistake(error: Exception, key: Path) -> str:
    if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
        return "tls_certificate and tls_key do not belong together."
    # PKCS #8 says so in its label, the older formats in a header; OpenSSL in no single way.
    if b"ENCRYPTED" in key.read_bytes():
        return "tls_key is encrypted; it must be stored without a password."
    return "tls_certificate and tls_key cannot be used: they must be a PEM chain and its key."


_PARSERS: Mapping[str, Callable[[Any], Any]] = {
    "listen_host": bind_address,
    "listen_port": number(1, 65535),
    "public_url": url,
    "tls_certificate": file,
    "tls_key": file,
    "trusted_proxies": networks,
    "media_host": bind_address,
    "media_port": number(0, 65535),
    "media_tcp": switch,
    "media_processes": number(0, 64),
    "media_addresses": addresses,
    "turn_urls": turn_urls,
    "turn_secret": text(32, 500),
    "metrics_host": bind_address,
    "metrics_port": number(0, 65535),
    "operator_name": text(1, 200),
    "operator_contact": text(1, 500),
    "notice_dir": folder,
    "show_names": switch,
    # FORMAT-2.md section 6: a header has at most so many.
    "max_participants": number(1, 500),
    "max_people_per_meeting": number(1, 500),
    "grace_seconds": number(1, 300),
    "retention_days": number(1, 36500),
    "log_origin": log_name,
    "witnesses": witnesses,
    "server_dir": path,
    "worker": one_of("embedded", "external"),
}
