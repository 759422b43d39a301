"""What an export is asked for: to whom it is given, for what, and which meetings go in.

It is written into the export's row by whoever asks, the command or the server, and read there by
the worker; a row may say anything, so it is looked at again.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Final, Literal

import msgspec

from assent_vault.errors import ExportError, FormatError
from assent_vault.formats import document, suite
from assent_vault.ledger.entry import EXPORT_BYTES, MOST_PURPOSE, MOST_RECIPIENT
from assent_vault.store.export_filters import LANGUAGE, MOST_LANGUAGES, MOST_TAG

MOST_MEETINGS: Final = 1000
"""Meetings that can be named."""
MOST_EXPORTED: Final = 100
"""Meetings of one data set: its commit locks them all. The others go into the next."""
_MOST_MS: Final = 2**53 - 1
_DAY_MS: Final = 86_400_000

SHARD_BYTES: Final = 10**9
"""Bytes of a shard, about: what the documents of WebDataset recommend."""
LEAST_SHARD_BYTES: Final = 10**6
MOST_SHARD_BYTES: Final = 10**12

_ShardBytes = Annotated[int, msgspec.Meta(ge=1, le=MOST_SHARD_BYTES)]
_Moment = Annotated[int, msgspec.Meta(ge=0, le=_MOST_MS)]
_Digest = Annotated[str, msgspec.Meta(min_length=43, max_length=43)]
_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
_Language = Annotated[str, msgspec.Meta(max_length=MOST_TAG, pattern=LANGUAGE)]
_Languages = Annotated[tuple[_Language, ...], msgspec.Meta(max_length=MOST_LANGUAGES)]
_ExportId = Annotated[str, msgspec.Meta(min_length=22, max_length=22)]
_Meetings = Annotated[tuple[str, ...], msgspec.Meta(max_length=MOST_MEETINGS)]


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What goes in, and how. ``since`` and ``until`` are Unix milliseconds between which a meeting
    began, the latter not included; ``meetings`` are the only ones, where any are named. Media are
    files, or in tars of about ``shard_bytes``; with ``pcm`` each sound is there as FLAC, too.
    Of meetings in which everybody read what they agreed to in one of ``languages``, where any are
    named, and which are of at least ``least_duration`` milliseconds; of their sound only tracks of
    which no larger share is filled up with silence, or clipped, than ``most_filled`` and
    ``most_clipped``. ``replaces`` is the digest (b64) of the manifest of which it is the next
    version, as whoever asks says. What is in a data set already is left out, but with
    ``include_exported``; and ``again`` is a data set of which it is the next version, with no
    meetings but those of it."""

    since: _Moment | None = None
    until: _Moment | None = None
    meetings: _Meetings = ()
    audio_only: bool = False
    proofs: bool = True
    format: Literal["folder", "tar", "webdataset"] = "folder"
    shard_bytes: _ShardBytes = SHARD_BYTES
    pcm: bool = False
    replaces: _Digest | None = None
    languages: _Languages = ()
    least_duration: _Moment | None = None
    most_filled: _Share | None = None
    most_clipped: _Share | None = None
    again: _ExportId | None = None
    include_exported: bool = False

    @property
    def needs_listening(self) -> bool:
        """Whether what is asked for is known only of sound that was listened to."""
        return self.pcm or self.most_clipped is not None

    @property
    def takes_exported(self) -> bool:
        """Whether what is in a data set already may go in."""
        return self.include_exported or self.again is not None


class ExportOrder(msgspec.Struct, frozen=True):
    """An export as it is asked for: ``recipient`` and ``purpose`` are lines, or not said."""

    recipient: str | None = None
    purpose: str | None = None
    options: Options = Options()

    def check(self) -> ExportOrder:
        """Return it; raises ExportError ``bad-request`` where it asks for what there is not."""
        for what, most in ((self.recipient, MOST_RECIPIENT), (self.purpose, MOST_PURPOSE)):
            if what is not None and not document.is_line(what, most):
                raise _bad(f"Recipient and purpose are a line, of up to {most} characters.")
        for meeting in self.options.meetings:
            try:
                suite.decode(meeting, suite.MEETING_BYTES)
            except FormatError as error:
                raise _bad("The id of a meeting is none.") from error
        if self.options.replaces is not None:
            try:
                suite.decode(self.options.replaces, suite.DIGEST_BYTES)
            except FormatError as error:
                raise _bad("What it replaces is no digest of a manifest.") from error
        return self._check_again()

    def _check_again(self) -> ExportOrder:
        options = self.options
        if options.again is None:
            return self
        try:
            suite.decode(options.again, EXPORT_BYTES)
        except FormatError as error:
            raise _bad("The id of a data set is none.") from error
        if options.replaces is not None or options.include_exported:
            raise _bad(
                "The next version of a data set has the meetings of that alone, and replaces it."
            )
        return self


NOTHING_SAID: Final = ExportOrder()
"""All there is, and nobody has said for whom."""


def read(recipient: str | None, purpose: str | None, options: str | None) -> ExportOrder:
    """Read what a row says; raises ExportError ``bad-request``."""
    try:
        found = msgspec.json.decode(options or "{}", type=Options)
    except (msgspec.MsgspecError, UnicodeEncodeError) as error:
        raise _bad("What is asked for cannot be read.") from error
    return ExportOrder(recipient, purpose, found).check()


def write(options: Options) -> str:
    """Return what a row has of the options."""
    return msgspec.json.encode(options).decode()


def midnight(day: date, *, after: bool = False) -> int:
    """Return when a day begins in UTC, or the one after it, in Unix milliseconds."""
    began = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000
    # Not as a date: the last one there is has no day after it.
    return began + after * _DAY_MS


def _bad(message: str) -> ExportError:
    return ExportError("bad-request", message)
