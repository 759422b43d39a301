"""aiortc's DTLS, and nothing else of aiortc: no codec is loaded by what faces the internet.

``import aiortc`` loads all of it, and with it FFmpeg and some thirty libraries of codecs, which are
written in C and have read hostile files badly before. Nothing is decoded here, so none of that has
any business in these processes.

Two things bring it in. The package's own ``__init__`` imports everything there is; so a package
of that name that is empty, and finds its modules in the same folder, stands in while the one module
is imported that we use. And ``aiortc.rtp`` names ``av.AudioFrame`` in an annotation; so a module of
that name stands in that has nothing but names. Both are safe: what is imported is aiortc's own
code, unchanged, and of the audio frame it uses the name alone. Both are gone afterwards: whoever
then imports aiortc or ``av``, as a test does, gets them whole, and the modules that are there
already are used by it. Where they are there before, they are used.

``tests/assent/test_mapped.py`` looks at what a running server has mapped.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType


class _Names(ModuleType):
    """A module of which every name is a class that nobody has made anything of."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


@contextmanager
def _alone() -> Iterator[None]:
    """Let modules of aiortc be imported without the package's own ``__init__``, and without av."""
    if "aiortc" in sys.modules:
        yield
        return
    spec = find_spec("aiortc")
    if spec is None or spec.submodule_search_locations is None:
        raise ModuleNotFoundError("No module named 'aiortc'", name="aiortc")
    package = ModuleType("aiortc")
    package.__path__ = list(spec.submodule_search_locations)
    package.__spec__ = ModuleSpec("aiortc", None, is_package=True)
    standing_in = {"aiortc": package} | ({} if "av" in sys.modules else {"av": _Names("av")})
    sys.modules |= standing_in
    try:
        yield
    finally:
        for name in standing_in:
            del sys.modules[name]


with _alone():
    from aiortc.rtcdtlstransport import (
        SRTP_AEAD_AES_128_GCM,
        SRTP_AEAD_AES_256_GCM,
        SRTP_AES128_CM_SHA1_80,
        RTCCertificate,
        RTCDtlsFingerprint,
        RTCDtlsParameters,
        RTCDtlsTransport,
        State,
    )

__all__ = [
    "SRTP_AEAD_AES_128_GCM",
    "SRTP_AEAD_AES_256_GCM",
    "SRTP_AES128_CM_SHA1_80",
    "RTCCertificate",
    "RTCDtlsFingerprint",
    "RTCDtlsParameters",
    "RTCDtlsTransport",
    "State",
]
