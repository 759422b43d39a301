"""Reads messages from texts and writes them: what cannot be read is a refusal, and never more."""

from __future__ import annotations

import msgspec

from assent.errors import BadRequest, Refusal, TooLarge
from assent.signalling import messages as m

_decoder: msgspec.json.Decoder[m.ClientMessage] = msgspec.json.Decoder(m.ClientMessage)
_encoder = msgspec.json.Encoder()


def decode(text: str) -> m.ClientMessage:
    """Read one message; raises :class:`BadRequest` or :class:`TooLarge`."""
    if len(text) > m.MAX_MESSAGE:
        raise TooLarge
    try:
        return _decoder.decode(text)
    except msgspec.ValidationError as error:
        # msgspec names the place as "… - at `$.field`"; it never repeats the value.
        _, _, place = str(error).partition(" - at `$.")
        raise BadRequest(field=place.rstrip("`") or None) from error
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise BadRequest("The message is not JSON.") from error


def request_id(text: str) -> int | None:
    """Find the id in a message that :func:`decode` refused, so that its error can be matched."""
    try:
        return msgspec.json.decode(text, type=_OnlyId).id
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None


def encode(message: m.ServerMessage) -> str:
    """Write one message."""
    return _encoder.encode(message).decode()


def error(refusal: Refusal, request: int | None) -> m.Error:
    """Put a refusal on the wire."""
    return m.Error(request, m.Failure(refusal.to_wire()["code"], refusal.message, refusal.field))


class _OnlyId(msgspec.Struct):
    id: m.RequestId | None = None
