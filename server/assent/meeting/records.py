"""What the server holds of a person, shown to whoever holds their seed: their *record*."""

from __future__ import annotations

from typing import Any

from assent.clock import Clock
from assent.errors import BadStatement, MeetingDeleted, NotEnrolled, ReceiptErased
from assent.meeting.acts import Acts, act_wire, concerning, whole
from assent.meeting.record_status import whereabouts
from assent.meeting.refusals import refusing
from assent.meeting.store import Store
from assent.meeting.wire import key_wire, notice_wire
from assent_vault.formats import charter as charters
from assent_vault.formats import statement as statements
from assent_vault.formats.suite import encode
from assent_vault.ledger.documents import ServerSigned

RECEIPT_SKEW_MS = 10 * 60 * 1000  # FORMAT.md section 6


class Records:
    """The records of everybody in the meetings of this server."""

    def __init__(self, store: Store, acts: Acts, clock: Clock, retention_days: int) -> None:
        self._store = store
        self._acts = acts
        self._clock = clock
        self._retention_days = retention_days

    async def receipt(self, body: bytes, signature: bytes) -> dict[str, Any]:
        """Show a person what the server holds about them, to whoever holds their seed."""
        return await self.of(*await self.proven(body, signature))

    async def proven(self, body: bytes, signature: bytes) -> tuple[str, str]:
        """Return the meeting and the person that a receipt request shows the seed of."""
        with refusing():
            request = statements.parse_receipt_request(body)
        if abs(request.at - self._clock.now()) > RECEIPT_SKEW_MS:
            raise BadStatement("The clock of your device is off by too much.", field="at")
        meeting, person = encode(request.meeting), encode(request.person)
        row = await self._store.meeting(meeting)
        try:
            record = await self._store.answers.record(meeting, person)
        except NotEnrolled:
            if row.destroyed_at is None:
                raise
            # Nobody is known any more who was in it; who deleted it is no secret of theirs.
            deleted = whole(await self._acts.of(meeting))
            if deleted is not None:
                raise MeetingDeleted(deleted.by, deleted.at) from None
            raise ReceiptErased from None
        with refusing():
            enrolment = statements.verify_enrolment(
                record.participant.enrolment,
                record.participant.signature,
                charters.parse(row.charter),
            )
            statements.verify_receipt_request(body, signature, enrolment)
        return meeting, person

    async def of(self, meeting: str, person: str) -> dict[str, Any]:
        """Return a person's *record*, as PROTOCOL.md section 2 shows it."""
        row = await self._store.meeting(meeting)
        record = await self._store.answers.record(meeting, person)
        charter = charters.parse(row.charter)
        return {
            "meeting": {
                "id": row.id,
                "title": row.title,
                "started_at": row.started_at,
                "ended_at": row.ended_at,
            },
            "charter": encode(row.charter),
            "vault_key": key_wire(await self._store.vault_key(meeting)),
            "enrolment": {
                "document": encode(record.participant.enrolment),
                "signature": encode(record.participant.signature),
                "acknowledgement": _signed_wire(record.acknowledgements.get(0)),
            },
            "answers": [
                {
                    "document": encode(said.body),
                    "signature": encode(said.signature),
                    "received_at": said.received_at,
                    "acknowledgement": _signed_wire(record.acknowledgements.get(said.sequence)),
                }
                for said in record.answers
            ],
            "notices": [
                notice_wire(row)
                for row in await self._store.notices(list(charter.notices.values()))
            ],
            "admitted": record.admitted,
            "revoked": [
                act_wire(act)
                for act in concerning(await self._acts.of(meeting), person)
                if record.admitted
            ],
            "released": {"state": record.release, "ready_at": record.ready_at},
            "generations": record.generations,
            **await whereabouts(
                self._store.database,
                meeting,
                person,
                self._retention_days,
                admitted=record.admitted,
            ),
        }


def _signed_wire(signed: ServerSigned | None) -> dict[str, str] | None:
    return None if signed is None else signed.to_wire()
