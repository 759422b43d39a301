"""Turns what went wrong underneath into refusals for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from assent.errors import (
    BadSignature,
    BadStatement,
    DatabaseUnavailable,
    Internal,
    NotAHost,
    NoticeNotInForce,
    Refusal,
    StaleAct,
    StaleStatement,
    TooManyActs,
)
from assent_vault import errors as vault
from assent_vault.store.database import is_away

_HOSTS: Mapping[str, type[Refusal]] = {
    kind.code: kind for kind in (NotAHost, StaleAct, TooManyActs)
}


@contextmanager
def refusing() -> Iterator[None]:
    """Raise the refusal that belongs to an error of the vault package; its cause is kept."""
    try:
        yield
    except vault.StaleStatement as error:
        raise StaleStatement from error
    except vault.NoticeNotInForce as error:
        raise NoticeNotInForce from error
    except vault.HostError as error:
        raise _HOSTS[error.code] from error
    except vault.SignatureError as error:
        raise BadSignature from error
    except vault.FormatError as error:
        raise BadStatement(field=error.field) from error


def blame(error: Exception) -> Refusal:
    """Return what a client is told of an exception that is no refusal; not a word of detail."""
    return DatabaseUnavailable() if is_away(error) else Internal()
