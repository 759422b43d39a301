"""TLS of our own, with a certificate that is renewed while the server runs.

Theory of operation. The socket listens with one context for good, whose callback gives each new
connection the newest context there is; connections that stand keep theirs. Another certificate is
read when the server is told to (SIGHUP), and by itself when the files have changed and have then
stayed the same for one look: who renews writes one file after the other. It is taken only when it
can be used, and is not worse than the one that is shown; otherwise that stays, and it is said.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ssl
import time
from collections.abc import Callable, Iterable
from typing import Final, cast
from urllib.parse import urlsplit

import structlog
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from assent import certificate as certificates
from assent.certificate import Certificate
from assent.config import Settings

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 5.0
NOT_TAKEN: Final = "certificate-not-taken"
"""The files hold another certificate than the one that is shown, and it cannot be used."""


class Tls:
    """The certificate that is shown, and whoever looks after it. ``now`` gives Unix seconds.

    Raises OSError, ValueError or ssl.SSLError where the first one cannot be read.
    """

    def __init__(self, settings: Settings, now: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._now = now
        self._host = urlsplit(settings.public_url).hostname or ""
        self._seen = self._pending = self._digest()
        self._current, self._shown = self._read()
        self._not_taken = False
        self._said: list[str] = []
        self._task: asyncio.Task[None] | None = None
        self.context = self._context()
        self.context.sni_callback = self._choose

    @property
    def shown(self) -> Certificate:
        """The certificate that new connections are shown."""
        return self._shown

    def codes(self) -> list[str]:
        """Return what is wrong with the certificate, as stable codes."""
        found = [*self._found(self._shown), *([NOT_TAKEN] if self._not_taken else [])]
        return sorted(found)

    def problems(self) -> list[str]:
        """Return those codes with which nobody can come in: the server is not ready."""
        return [code for code in self.codes() if code in certificates.OUT_OF_TIME]

    def warnings(self) -> list[str]:
        """Return the other codes."""
        return [code for code in self.codes() if code not in certificates.OUT_OF_TIME]

    def reload(self) -> bool:
        """Read the files again; whether what they hold is shown from now on."""
        self._seen = self._pending = self._digest()
        try:
            current, shown = self._read()
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            log.error("certificate-not-taken", because=type(error).__name__)  # noqa: TRY400
            self._not_taken = True
            return False
        if self._errors(shown) and not self._errors(self._shown):
            log.error("certificate-not-taken", because=sorted(self._errors(shown)))
            self._not_taken = True
            return False
        self._current, self._shown, self._not_taken = current, shown, False
        log.info("certificate-read", expires=shown.not_after)
        self._say()
        return True

    def start(self) -> None:
        """Begin to look at the files."""
        self._say()
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Look at them no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self._look(await asyncio.to_thread(self._digest))
            self._say()

    def _look(self, found: bytes) -> None:
        """Read the files again where they have changed, and stand still."""
        if found not in (self._seen, b"") and found == self._pending:
            self.reload()
        self._pending = found

    def _say(self) -> None:
        codes = self.codes()
        if codes and codes != self._said:
            log.warning("certificate", codes=codes, expires=self._shown.not_after)
        self._said = codes

    def _choose(self, connection: ssl.SSLObject, _name: str | None, _: ssl.SSLContext) -> None:
        connection.context = self._current

    def _read(self) -> tuple[ssl.SSLContext, Certificate]:
        assert self._settings.tls_certificate is not None, "only where TLS is our own"
        return self._context(), certificates.read(self._settings.tls_certificate)

    def _context(self) -> ssl.SSLContext:
        return cast("ssl.SSLContext", self._settings.tls())

    def _digest(self) -> bytes:
        """Return what the files hold, in short; nothing where one cannot be read."""
        whole = hashlib.sha256()
        try:
            for path in (self._settings.tls_certificate, self._settings.tls_key):
                assert path is not None, "only where TLS is our own"
                whole.update(hashlib.sha256(path.read_bytes()).digest())
        except OSError:
            return b""
        return whole.digest()

    def _found(self, certificate: Certificate) -> tuple[str, ...]:
        return found_in(certificate, self._settings, self._now())

    def _errors(self, certificate: Certificate) -> frozenset[str]:
        return certificates.ERRORS & frozenset(self._found(certificate))


def found_in(certificate: Certificate, settings: Settings, now: float) -> tuple[str, ...]:
    """Return the codes of a certificate; the name is a proxy's concern where there is one."""
    host = urlsplit(settings.public_url).hostname or ""
    return tuple(
        code
        for code in certificate.found(host, now)
        if code != certificates.WRONG_NAME or not settings.trusted_proxies
    )


def check(settings: Settings, now: float) -> tuple[list[str], list[str]]:
    """Return sentences about the certificate: what makes browsers refuse it, and warnings."""
    if settings.tls_certificate is None:
        return [], []
    certificate = certificates.read(settings.tls_certificate)
    host = urlsplit(settings.public_url).hostname or ""
    errors: list[str] = []
    warnings: list[str] = []
    for code in found_in(certificate, settings, now):
        sentence = certificates.explain(code, certificate, host, now)
        (errors if code in certificates.ERRORS else warnings).append(sentence)
    return errors, warnings


class CertificateCollector(Collector):
    """Tells Prometheus until when the certificate is good, and what is wrong with it."""

    def __init__(self, tls: Tls) -> None:
        self._tls = tls

    def collect(self) -> Iterable[Metric]:
        """Yield what there is now."""
        yield GaugeMetricFamily(
            "assent_certificate_expiry_timestamp_seconds",
            "When the certificate that is shown expires, in Unix seconds",
            value=self._tls.shown.not_after,
        )
        wrong = GaugeMetricFamily(
            "assent_certificate_problem", "What is wrong with the certificate", labels=["code"]
        )
        for code in self._tls.codes():
            wrong.add_metric([code], 1)
        yield wrong
