"""Everything the server raises on purpose, in one tree.

::

    AssentError
    ├── ConfigError             the settings are wrong; names every mistake
    ├── StartError              the settings are right, but the server cannot start
    └── Refusal                 somebody asked for what cannot be had; it changed nothing
        ├── BadRequest, TooLarge, NotFound, MethodNotAllowed,
        │   RateLimited                                              how it was asked
        ├── NotSignedIn, WrongCredentials, Forbidden, BadOrigin,
        │   BadToken, LoginTaken, WeakPassword, NotWatching          who asked
        ├── MeetingNotFound, MeetingOver, MeetingLocked, MeetingClosed,
        │   MeetingFull, NotAdmitted, Removed, Replaced              a meeting's door
        ├── BadStatement, BadSignature, StaleStatement,
        │   NoticeNotInForce, AlreadyEnrolled, NotEnrolled           what people sign
        ├── ModeNotOffered, OtherTerms                               what a link pins
        ├── NotRecordable, VaultUnavailable, StorageUnavailable,
        │   NothingToExport, TooManyMeetings, NotDead                recordings
        ├── NotExported, DownloadsOff, TooManyDownloads,
        │   DownloadOver                                             downloads of data sets
        ├── BadNotice, NoticeUnchanged, NoticeOutdated               words of an administrator
        ├── TryAgain                                                 what passes by itself
        ├── ReceiptErased, MeetingDeleted, LogUnavailable            the log
        ├── BadSdp, MediaUnavailable                                 media
        ├── DatabaseUnavailable                                      what we stand on
        └── Internal                                                 ours, not theirs

A refusal is the only thing that is ever told to a client, as ``to_wire`` gives it: a stable code of
PROTOCOL.md, a text for people, and the field to blame. Any other exception reaches the client
without a word of detail, as ``assent.meeting.blame`` says: as ``database-unavailable`` where the
database is away, else as ``internal``. A broken invariant is an assertion with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Literal

RETRY_SECONDS = 5
"""After which what is away for a moment may be asked for again."""


class AssentError(Exception):
    """Common parent of everything the server raises on purpose."""


class ConfigError(AssentError):
    """The settings cannot be used. ``mistakes`` holds every one of them, each a sentence."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(self.mistakes))


class StartError(AssentError):
    """The server cannot start: a port is taken, a folder is in use, a key cannot be read."""


class Refusal(AssentError):
    """A request that cannot be granted and that has changed nothing.

    Raise the subclass that says why; give ``field`` when one field is to blame, and a message only
    where the standing one says too little. Neither may hold a secret or personal data.
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    text: ClassVar[str] = "Something went wrong on our side."
    # Whole seconds after which asking again may help; None where it will not by itself.
    retry_after: int | None = None

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        self.message = self.text if message is None else message
        self.field = field
        super().__init__(self.message)

    def to_wire(self) -> dict[str, Any]:
        """Return the object that goes under ``error``, over HTTP and over the socket alike."""
        wire: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.field is not None:
            wire["field"] = self.field
        return wire


class BadRequest(Refusal):
    """Not the JSON, the field or the type expected."""

    code = "bad-request"
    status = 400
    text = "The request is not what was expected here."


class TooLarge(Refusal):
    """A body or message over its limit."""

    code = "too-large"
    status = 413
    text = "That is larger than is allowed here."


class NotFound(Refusal):
    """No such page or object."""

    code = "not-found"
    status = 404
    text = "There is nothing here."


class MethodNotAllowed(Refusal):
    """The address is right, the method is not; ``allowed`` are those that are."""

    code = "method-not-allowed"
    status = 405
    text = "This method has no meaning here."

    def __init__(self, message: str | None = None, *, allowed: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.allowed = tuple(sorted(allowed))


class RateLimited(Refusal):
    """Too many attempts; ``retry_after`` is in whole seconds."""

    code = "rate-limited"
    status = 429
    text = "Too many attempts. Please wait a little and try again."

    def __init__(self, message: str | None = None, *, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotSignedIn(Refusal):
    """No valid login session."""

    code = "not-signed-in"
    status = 401
    text = "Please sign in first."


class WrongCredentials(Refusal):
    """Unknown login or wrong password; which of the two is not told."""

    code = "wrong-credentials"
    status = 401
    text = "The login or the password is wrong."


class Forbidden(Refusal):
    """Signed in, but not allowed."""

    code = "forbidden"
    status = 403
    text = "Your account may not do this."


class BadOrigin(Refusal):
    """The Origin header is missing or foreign."""

    code = "bad-origin"
    status = 403
    text = "This request did not come from this server's own pages."


class BadToken(Refusal):
    """What should open a door, a seat or an invitation that is unknown, used or expired."""

    code = "bad-token"
    status = 403
    text = "This link is not valid, or no longer valid."


class LoginTaken(Refusal):
    """An account of that login exists."""

    code = "login-taken"
    status = 409
    text = "There is an account with this login already."


class WeakPassword(Refusal):
    """A password that is short, or that others would soon try; ``reason`` says which."""

    code = "weak-password"
    status = 422
    text = "A password needs at least 12 characters."
    _texts: ClassVar[Mapping[str, str]] = {
        "short": text,
        "common": "This password is one of those that are tried first, or made of common words, "
        "keys or numbers in a row. Please take another.",
        "personal": "This password is made of your login, your name or this server's. "
        "Please take another.",
    }

    def __init__(
        self,
        reason: Literal["short", "common", "personal"] = "short",
        *,
        field: str | None = None,
    ) -> None:
        super().__init__(self._texts[reason], field=field)
        self.reason = reason

    def to_wire(self) -> dict[str, Any]:
        """See Refusal.to_wire; with the reason."""
        return super().to_wire() | {"reason": self.reason}


class NotWatching(Refusal):
    """No valid watch session, or no longer; the client opens another."""

    code = "not-watching"
    status = 401
    text = "Please open the recording again."


class MeetingNotFound(Refusal):
    """No such meeting."""

    code = "meeting-not-found"
    status = 404
    text = "There is no such meeting."


class MeetingOver(Refusal):
    """The meeting has ended or expired."""

    code = "meeting-over"
    status = 410
    text = "This meeting is over."


class MeetingLocked(Refusal):
    """The host has locked the door."""

    code = "meeting-locked"
    status = 403
    text = "The host has locked this meeting."


class MeetingClosed(Refusal):
    """Nobody can come in, for the account of its host is shut out."""

    code = "meeting-closed"
    status = 403
    text = "Nobody can come into this meeting at the moment."


class MeetingFull(Refusal):
    """As many people as the server allows."""

    code = "meeting-full"
    status = 403
    text = "This meeting is full."


class NotAdmitted(Refusal):
    """Only for people who are in the meeting."""

    code = "not-admitted"
    status = 409
    text = "This is only for people who are in the meeting."


class Removed(Refusal):
    """The host has removed this person."""

    code = "removed"
    status = 403
    text = "The host has removed you from this meeting."


class Replaced(Refusal):
    """The same seat connected elsewhere; said on the socket only."""

    code = "replaced"
    status = 409
    text = "You have joined this meeting from another page."


class BadStatement(Refusal):
    """A signed statement breaks FORMAT.md; ``field`` says where."""

    code = "bad-statement"
    status = 422
    text = "The signed statement is not well formed."


class BadSignature(Refusal):
    """A signature does not verify."""

    code = "bad-signature"
    status = 422
    text = "The signature does not fit."


class StaleStatement(Refusal):
    """Sequence or previous digest do not follow the last answer."""

    code = "stale-statement"
    status = 409
    text = "Your answers have changed elsewhere in the meantime. Please look again."


class NoticeNotInForce(Refusal):
    """The words have changed; the client asks again."""

    code = "notice-not-in-force"
    status = 409
    text = "The words you were asked to agree to have changed. Please read them again."


class BadNotice(Refusal):
    """An administrator's words that cannot stand in a notice.

    ``reason`` says why, ``field`` in which language.
    """

    code = "bad-notice"
    status = 422
    text = "These words cannot stand in the notice."
    _texts: ClassVar[Mapping[str, str]] = {
        "empty": "There are words in other languages, and none in this one.",
        "too-long": "These words are too long.",
        "control-character": "There is a control character in these words.",
        "heading": "A heading may not be greater than ###: it would end the section that says "
        "whose words these are.",
        "rule": "A line across would end the section that says whose words these are.",
        "unknown-fact": "There is a ${…} in these words that is no fact of this server.",
        "marks": "The %% marks in these words do not fit together.",
        "language-missing": "Every language of the notice needs an entry.",
        "language-unknown": "The notice is not there in this language.",
        "no-place": "The notice of this server's own has no ${own_words} in this language.",
    }

    def __init__(self, reason: str | None = None, *, field: str | None = None) -> None:
        super().__init__(None if reason is None else self._texts[reason], field=field)
        self.reason = reason

    def to_wire(self) -> dict[str, Any]:
        """See Refusal.to_wire; with the reason."""
        return super().to_wire() | ({} if self.reason is None else {"reason": self.reason})


class NoticeUnchanged(Refusal):
    """The words are those in force already."""

    code = "notice-unchanged"
    status = 409
    text = "These words are in force already."


class NoticeOutdated(Refusal):
    """Another version was published since this one was looked at."""

    code = "notice-outdated"
    status = 409
    text = "Another version was published in the meantime. Please look at yours again."


class AlreadyEnrolled(Refusal):
    """This seat has an enrolment with another key."""

    code = "already-enrolled"
    status = 409
    text = "This seat is taken by another key."


class NotAHost(Refusal):
    """Whoever has signed it has no certificate by the host key of the room, or was removed."""

    code = "not-a-host"
    status = 403
    text = "The key of this meeting does not say that they are a host."


class StaleAct(Refusal):
    """Another act of a host has come first; the client signs again, with the next number."""

    code = "stale-act"
    status = 409
    text = "Another host was faster. Please look again."


class TooManyActs(Refusal):
    """Hosts have done as much in this meeting as can be kept."""

    code = "too-many-acts"
    status = 409
    text = "Too much was done in this meeting. It can still be stopped."


class NotEnrolled(Refusal):
    """An enrolment must come first."""

    code = "not-enrolled"
    status = 409
    text = "You have not introduced yourself to this meeting yet."


class NotRecordable(Refusal):
    """The meeting was created unrecordable, for good."""

    code = "not-recordable"
    status = 409
    text = "This meeting can never be recorded."


class ModeNotOffered(Refusal):
    """A room in whose mode this server cannot hold meetings."""

    code = "mode-not-offered"
    status = 400
    text = "This server cannot hold meetings of this kind."


class OtherTerms(Refusal):
    """A room that allows less than this server would do in its meeting."""

    code = "other-terms"
    status = 409
    text = "The terms of this server have changed. Please try again."


class VaultUnavailable(Refusal):
    """The vault has not made this meeting's key, or not yet."""

    code = "vault-unavailable"
    status = 503
    text = "The vault cannot be reached at the moment."
    retry_after = RETRY_SECONDS


class StorageUnavailable(Refusal):
    """The recording cannot be stored."""

    code = "storage-unavailable"
    status = 503
    text = "The recording cannot be stored at the moment."
    retry_after = RETRY_SECONDS


class TryAgain(Refusal):
    """It could not be stored now; the same bytes are to be sent again. ``retry_after``: seconds."""

    code = "try-again"
    status = 503
    text = "This could not be stored now. It has to be sent again in a moment."

    def __init__(self, message: str | None = None, *, retry_after: int = 2) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ReceiptErased(Refusal):
    """What was logged of the meeting has been erased with it."""

    code = "receipt-erased"
    status = 410
    text = "The meeting has been destroyed, and what its receipts are made of with it."


class MeetingDeleted(Refusal):
    """Host, administrator or operator deleted the meeting; ``by`` is which, ``at`` when (ms)."""

    code = "meeting-deleted"
    status = 410
    text = "The meeting was deleted, and all that told who was in it."

    def __init__(self, by: str = "host", at: int = 0) -> None:
        super().__init__()
        self.by = by
        self.at = at

    def to_wire(self) -> dict[str, Any]:
        """Return the object that goes under ``error``, with who deleted it and when."""
        return {**super().to_wire(), "by": self.by, "at": self.at}


class LogUnavailable(Refusal):
    """The log cannot be shown at the moment."""

    code = "log-unavailable"
    status = 503
    text = "The log cannot be shown at the moment."
    retry_after = RETRY_SECONDS


class NothingToExport(Refusal):
    """No meeting is ready to be exported."""

    code = "nothing-to-export"
    status = 409
    text = "No meeting is ready to be exported."


class TooManyMeetings(Refusal):
    """What was exported before is asked for, and more of it than goes into one data set."""

    code = "too-many-meetings"
    status = 409
    text = "More meetings than go into one data set. Choose their days."


class TooManyExports(Refusal):
    """So many wait already."""

    code = "too-many-exports"
    status = 409
    text = "Too many exports wait already: some have to be approved, declined or taken back first."


class ExportSettled(Refusal):
    """It does not wait for that any more."""

    code = "export-settled"
    status = 409
    text = "It is too late: this export was approved, declined, taken back or begun, or has lapsed."


class OwnExport(Refusal):
    """Whoever asks for an export decides nothing about it."""

    code = "own-export"
    status = 403
    text = "Another administrator than the one who asked approves an export, or declines it."


class NoAdministratorAsks(Refusal):
    """Whoever asked for it may not ask any more."""

    code = "no-administrator-asks"
    status = 409
    text = "Whoever asked for this export is not an administrator any more."


class NotExported(Refusal):
    """There is no data set of this export, or not yet."""

    code = "not-exported"
    status = 409
    text = "There is no data set of this export that could be downloaded."


class DownloadsOff(Refusal):
    """Data sets are not handed to pages here."""

    code = "downloads-off"
    status = 409
    text = "Data sets are not handed out here: export_downloads is 0."


class TooManyDownloads(Refusal):
    """So many wait or run already."""

    code = "too-many-downloads"
    status = 409
    text = "Too many downloads wait or run already. Some have to end first."


class DownloadOver(Refusal):
    """It has ended, or somebody has decided about it."""

    code = "download-over"
    status = 410
    text = "This download has come to its end, or was decided about already."


class NotDead(Refusal):
    """The export of this meeting has not failed."""

    code = "not-dead"
    status = 409
    text = "The export of this meeting has not failed: there is nothing to try again."


class BadSdp(Refusal):
    """The session description cannot be used."""

    code = "bad-sdp"
    status = 422
    text = "The media connection that was offered cannot be used."


class MediaUnavailable(Refusal):
    """Nobody carries the meeting's media at the moment; it comes back by itself."""

    code = "media-unavailable"
    status = 503
    text = "Sound and pictures are not carried at the moment. They come back by themselves."
    retry_after = RETRY_SECONDS


class DatabaseUnavailable(Refusal):
    """The database cannot be asked at the moment.

    The one refusal that may have changed something: where the connection broke in the very moment
    of a commit, nobody knows whether that was before or after.
    """

    code = "database-unavailable"
    status = 503
    text = "The server cannot reach its database at the moment. Please try again."
    retry_after = RETRY_SECONDS


class Internal(Refusal):
    """Our mistake. Details are in the server's log, never in the answer."""

    code = "internal"
    status = 500
    text = "Something went wrong on our side."


def refusals() -> dict[str, type[Refusal]]:
    """Return every refusal by its code; the protocol's table of errors is made from this."""
    return {kind.code: kind for kind in Refusal.__subclasses__()}
