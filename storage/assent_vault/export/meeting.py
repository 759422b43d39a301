"""Writes one released meeting into a data set: its media, and the consent behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Final

import structlog

from assent_vault.errors import (
    BlobMissing,
    ExportError,
    FormatError,
    GenerationError,
    LeaseLost,
    SealError,
    SignatureError,
)
from assent_vault.export import consent_archive, filters, pcm
from assent_vault.export.description import UNHEARD, MeetingEntry, MissingTrack, TrackEntry
from assent_vault.export.folder import Folder
from assent_vault.export.join import NO_FRAMES, Piece, join, suffix_of
from assent_vault.export.pseudonym import Pseudonyms
from assent_vault.export.read_ahead import ReadAhead
from assent_vault.export.speech import FAILED, TrackListener
from assent_vault.export.timeline import Part, Timeline, TrackPlan, lay_out
from assent_vault.export.unlock import OpenMeeting, unlock
from assent_vault.export.unlocked import OpenTrack
from assent_vault.formats import objects, suite
from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.everyone import everyone
from assent_vault.formats.generation_closing import parse_generation_closing
from assent_vault.formats.track import SOUNDS
from assent_vault.keys.relayed_opening import GenerationDocuments
from assent_vault.ledger import meeting_history
from assent_vault.release.evidence import Evidence, GenerationEvidence
from assent_vault.store import answer_languages
from assent_vault.store.blobs import Blobs
from assent_vault.store.export_order import Options

log = structlog.get_logger(__name__)

# Notices in force, by digest: the exact bytes that people were shown.
Notices = Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True)
class ReleasedMeeting:
    """A meeting that was claimed: what the gate released on, and what is needed to open it."""

    evidence: Evidence
    evidence_digest: bytes
    private: bytes
    notices: Notices


NOTHING_ASKED: Final = Options()
_LOOKED_AT: Final = 1 << 20
"""Bytes that are opened between two looks at what room there is: much less than is kept free."""
NOTHING_WANTED: Final = "nothing-wanted"
"""The code for a meeting that has nothing of what is asked for; another export may take it."""


def folders_of(meeting_id: str) -> tuple[str, str]:
    """Return what a meeting has for itself of a data set that is being written."""
    return f"data/{meeting_id}", consent_archive.aside(meeting_id)


def _everyone(evidence: Evidence, opened: OpenMeeting) -> frozenset[str]:
    """Return the ids of whoever was ever let in."""
    return everyone(
        evidence.people,
        (each.header for each in opened.generations),
        meeting_history.admitted(evidence.meeting_id, evidence.log.records),
    )


def _beside(path: str) -> str:
    """Return where a sound is as FLAC."""
    return f"{path.rpartition('.')[0]}.{pcm.SUFFIX}"


class MeetingWriter:
    """Writes meetings into one data set.

    ``held`` tells whether a claim is still held; ``opened`` is told of each object that was opened,
    how large it was, from the thread that opens. With ``audio_only`` no picture is opened, with
    ``pcm`` each sound is written as FLAC, too. Where what is asked for needs it sound is listened
    to in any case.
    """

    def __init__(
        self,
        blobs: Blobs,
        folder: Folder,
        pseudonyms: Pseudonyms,
        held: Callable[[str], bool],
        opened: Callable[[int], None],
        options: Options = NOTHING_ASKED,
        *,
        listens: bool = True,
    ) -> None:
        self._opened = opened
        self._options = options
        self._audio_only = options.audio_only
        self._pcm = options.pcm
        self._blobs = blobs
        self._folder = folder
        self._pseudonyms = pseudonyms
        self._held = held
        self._listens = listens or options.needs_listening

    async def write(self, released: ReleasedMeeting) -> MeetingEntry:
        """Write a meeting; memory holds some segments at a time.

        Raises ExportError ``segments-damaged``, ``bad-evidence``, ``no-frames`` or
        ``timeline-too-long`` for a meeting that cannot be exported, ``cannot-write``, ``space-low``
        or ``space-unknown`` where none can; LeaseLost when the claim is gone; BlobUnavailable.
        """
        documents = await self._documents(released.evidence)
        reader = ReadAhead(self._blobs, asyncio.get_running_loop())
        # Opening, muxing and writing all wait for something or compute: none of it on the loop.
        work = asyncio.create_task(asyncio.to_thread(self._write, released, documents, reader))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            # The thread cannot be cancelled, but notices that nothing is held any more; its folder
            # must not be taken away under it.
            self._held = lambda _: False
            await asyncio.gather(work, return_exceptions=True)
            raise

    async def _documents(self, evidence: Evidence) -> dict[int, GenerationDocuments]:
        """Get what stands beside the header of each generation that has anything to open."""
        found = {}
        try:
            for row in evidence.generations:
                if row.closing is not None and parse_generation_closing(row.closing).segments:
                    found[row.number] = await self._beside_header(evidence.meeting_id, row)
        except (BlobMissing, FormatError) as error:
            raise ExportError("segments-damaged", "A generation's boxes are missing.") from error
        return found

    async def _beside_header(self, meeting_id: str, row: GenerationEvidence) -> GenerationDocuments:
        names = (
            objects.generation_boxes_key,
            objects.generation_pairs_key,
            objects.generation_outer_key,
        )
        boxes, pairs, outer = [
            await self._blobs.get(name(meeting_id, row.number)) for name in names
        ]
        if row.check is None or suite.digest(boxes) != row.check.boxes:
            raise ExportError("segments-damaged", "The boxes are not those that were logged.")
        return GenerationDocuments(boxes=boxes, pairs=pairs, outer=outer)

    def _write(
        self,
        released: ReleasedMeeting,
        documents: Mapping[int, GenerationDocuments],
        reader: ReadAhead,
    ) -> MeetingEntry:
        try:
            opened = unlock(released.evidence, released.private, documents)
        except (FormatError, SignatureError, GenerationError, SealError, KeyError) as error:
            raise ExportError("bad-evidence", "The generations cannot be opened.") from error
        try:
            self._must_be_asked_for(released.evidence, opened)
            timeline = lay_out(opened.generations)
            tracks, missing = [], []
            for plan in timeline.tracks:
                if self._audio_only and plan.track.source not in SOUNDS:
                    continue
                entry = self._track(released.evidence.meeting_id, opened, timeline, plan, reader)
                if isinstance(entry, TrackEntry):
                    tracks.append(entry)
                else:
                    missing.append(entry)
        finally:
            opened.forget()
        if not tracks and (self._audio_only or any(one.code in filters.CODES for one in missing)):
            raise ExportError(NOTHING_WANTED, "Nothing in the meeting is asked for.")
        if not tracks:
            raise ExportError(NO_FRAMES, "Nothing in the meeting can be played.")
        self._consent(released, opened)
        return MeetingEntry(
            meeting=released.evidence.meeting_id,
            notice_version=opened.charter.notice_version,
            evidence=released.evidence_digest,
            duration=timeline.duration,
            stretches=timeline.stretches,
            tracks=tuple(sorted(tracks, key=lambda track: track.file.path)),
            missing=tuple(sorted(missing, key=lambda track: (track.speaker, track.source))),
        )

    def _must_be_asked_for(self, evidence: Evidence, opened: OpenMeeting) -> None:
        """Raise ExportError ``nothing-wanted`` where what people said now is not asked for."""
        counted = _everyone(evidence, opened)
        said = (one for one in evidence.people if one.person_id in counted)
        last = (one.answers[-1].body if one.answers else None for one in said)
        if not answer_languages.reads(self._options.languages, last):
            raise ExportError(NOTHING_WANTED, "The meeting is not what is asked for.")

    def _track(
        self,
        meeting_id: str,
        opened: OpenMeeting,
        timeline: Timeline,
        plan: TrackPlan,
        reader: ReadAhead,
    ) -> TrackEntry | MissingTrack:
        """Write a track; one of which nothing can be played holds up nothing else."""
        speaker, source = (
            self._pseudonyms.speaker(opened.charter.meeting, plan.track.person),
            plan.track.source,
        )
        path = f"{folders_of(meeting_id)[0]}/{speaker}.{source}.{suffix_of(source)}"

        def piece(part: Part) -> Piece:
            return Piece(lambda: self._open(meeting_id, part, reader), part.end)

        pieces = [piece(part) for part in plan.parts]
        heard, unheard, decoded = None, UNHEARD, None
        try:
            with ExitStack() as open_files:
                file = open_files.enter_context(self._folder.open(path))
                listener = self._listener(meeting_id, path, source, timeline.duration, open_files)
                media = join(source, pieces, timeline.base, timeline.duration, file, listener)
                if listener is not None:
                    heard = listener.finish()
                    if listener.failure is not None:
                        unheard = FAILED + listener.failure
                        log.warning("track-not-heard", meeting=meeting_id, code=listener.failure)
        except ExportError as error:
            if error.code != NO_FRAMES:
                raise
            self._folder.remove(path)
            self._folder.remove(_beside(path))
            return MissingTrack(speaker, source, error.code)
        reason = filters.why_not(self._options, media, heard)
        if reason is not None:
            self._folder.remove(path)
            self._folder.remove(_beside(path))
            return MissingTrack(speaker, source, reason)
        written = self._folder.measure(path)
        if self._pcm and heard is not None:
            decoded = self._folder.measure(_beside(path))
        else:
            self._folder.remove(_beside(path))  # it may have begun
        return TrackEntry(speaker, source, media, written, heard, decoded, unheard)

    def _listener(
        self, meeting_id: str, path: str, source: str, duration: int, open_files: ExitStack
    ) -> TrackListener | None:
        """Return who hears what is written of a sound, and writes it as FLAC where that is asked.

        It is closed with the files.
        """
        if source not in SOUNDS or not self._listens:
            return None
        decoded = None
        if self._pcm:
            file = open_files.enter_context(self._folder.open(_beside(path)))
            decoded = pcm.PcmFile(file, duration)
        listener = TrackListener(duration, lambda: self._must_go_on(meeting_id), pcm=decoded)
        open_files.callback(listener.close)
        return listener

    def _must_go_on(self, meeting_id: str) -> None:
        """Raise LeaseLost or ExportError where nothing more may be written of a meeting."""
        self._must_be_held(meeting_id)
        self._folder.must_have_room()

    def _must_be_held(self, meeting_id: str) -> None:
        if not self._held(meeting_id):
            raise LeaseLost("The claim on this release is not held any more.")

    def _open(self, meeting_id: str, part: Part, reader: ReadAhead) -> Iterator[bytes]:
        """Yield the plaintexts of a track in a generation, each when it is asked for."""
        track = part.generation.track(part.entries[0].track)
        sealed = reader.read(
            (part.generation.segment_key(meeting_id, entry), entry.size) for entry in part.entries
        )
        written = _LOOKED_AT
        with closing(sealed):
            for entry in part.entries:
                self._must_be_held(meeting_id)
                written += entry.size
                if written > _LOOKED_AT:
                    self._folder.must_have_room()
                    written = 0
                yield self._open_one(track, entry, sealed)
                self._opened(entry.size)

    @staticmethod
    def _open_one(track: OpenTrack, entry: SegmentEntry, sealed: Iterator[bytes]) -> bytes:
        try:
            return track.open(next(sealed), entry)
        except (BlobMissing, FormatError, SealError) as error:
            raise ExportError("segments-damaged", "A segment does not open.") from error

    def _consent(self, released: ReleasedMeeting, opened: OpenMeeting) -> None:
        """Put aside what was signed, byte for byte. The sealed seeds stay where they are."""
        evidence = released.evidence
        charter = opened.charter
        assert evidence.vault_key is not None, "the gate has seen it"
        assert evidence.vault_key_signature is not None, "the gate has verified it"
        documents = {
            "charter.json": evidence.charter,
            "vault-key.json": evidence.vault_key,
            "vault-key.sig": evidence.vault_key_signature,
        }
        for digest in sorted(charter.notices.values()):
            text = released.notices.get(digest)
            if text is None or suite.digest(text) != digest:
                raise ExportError("bad-evidence", "The words that were agreed to are missing.")
            documents[f"notices/{suite.encode(digest)}.md"] = text
        counted = _everyone(evidence, opened)
        for person in evidence.people:
            if person.person_id not in counted:
                continue  # turned away at the door: not in the recording, and not asked about it
            speaker = self._pseudonyms.speaker(
                charter.meeting, suite.decode(person.person_id, suite.DIGEST_BYTES)
            )
            documents[f"speakers/{speaker}/enrolment.json"] = person.enrolment
            documents[f"speakers/{speaker}/enrolment.sig"] = person.signature
            for number, answer in enumerate(person.answers, 1):
                documents[f"speakers/{speaker}/answer-{number:04}.json"] = answer.body
                documents[f"speakers/{speaker}/answer-{number:04}.sig"] = answer.signature
        for row in evidence.generations:
            assert row.closing is not None, "the gate has seen it"
            assert row.closing_signature is not None, "the gate has verified it"
            documents[f"generations/{row.number:06}/header.json"] = row.header
            documents[f"generations/{row.number:06}/header.sig"] = row.signature
            documents[f"generations/{row.number:06}/close.json"] = row.closing
            documents[f"generations/{row.number:06}/close.sig"] = row.closing_signature
        consent_archive.put_aside(self._folder, evidence.meeting_id, documents)
