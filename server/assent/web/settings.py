"""The settings as an administrator sees them: what each is now, and the key that changes it.

They are read once, at the start, and changed where the server is started; nothing here changes one.
Of a secret only whether there is one is told: its value is in no answer.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from assent.config import Settings
from assent.web.auth import administrator
from assent.web.context import context
from assent.web.middleware import json_answer
from assent_vault.config import VaultSettings
from assent_vault.given import PREFIX


async def listing(request: web.Request) -> web.StreamResponse:
    """``GET /api/admin/settings``: in the order in which the documentation has them."""
    await administrator(request)
    return json_answer({"settings": told(context(request).settings)})


def told(settings: Settings) -> list[dict[str, Any]]:
    """Return every setting once; ``value`` is null of a secret, and of what is not set."""
    vault = settings.vault
    mine = [item for item in dataclasses.fields(Settings) if item.name != "vault"]
    own = {item.name for item in mine}
    theirs = [item for item in dataclasses.fields(VaultSettings) if item.name not in own]
    return [
        *(_told(item.name, getattr(settings, item.name), item) for item in mine),
        *(_told(item.name, getattr(vault, item.name), item) for item in theirs),
    ]


def _told(key: str, value: Any, item: dataclasses.Field[Any]) -> dict[str, Any]:
    # What is kept out of logs holds a secret, or may.
    is_secret = not item.repr
    is_set = value not in (None, "", ())
    return {
        "key": key,
        "variable": PREFIX + key.upper(),
        "about": item.metadata["doc"],
        "secret": is_secret,
        "set": is_set,
        "value": _text(value) if is_set and not is_secret else None,
    }


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_text(each) for each in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        shown: Mapping[str, Any] = {
            each.name: getattr(value, each.name) for each in dataclasses.fields(value)
        }
        return _text(shown["name"] if "name" in shown else next(iter(shown.values())))
    return str(value.absolute()) if isinstance(value, Path) else str(value)
