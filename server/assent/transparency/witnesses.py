"""Has others bear witness to the log's heads (C2SP tlog-witness), as far as they can be reached.

A witness remembers the last head it has cosigned, and cosigns none that does not extend it. One
that refuses ours for that reason knows more of this log than our database does: a history has been
taken back, and nothing may be signed any more. One that cannot be reached proves nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

import aiohttp
import structlog

from assent_vault.errors import LogError
from assent_vault.ledger import witness as protocol
from assent_vault.ledger.checkpoint import Checkpoint
from assent_vault.ledger.note import Signature
from assent_vault.ledger.witness import Witness
from assent_vault.store.database import Database
from assent_vault.store.head_file import rolled_back
from assent_vault.store.log_rows import Prover

log = structlog.get_logger(__name__)

SECONDS = 5.0  # for all that is asked of one witness, so that a head is never held up for longer


@dataclass(frozen=True, slots=True)
class WitnessStanding:
    """How it goes with a witness: the size it has cosigned last, and what is amiss, if anything."""

    size: int | None = None
    problem: str | None = None


class Witnesses:
    """All configured witnesses."""

    def __init__(self, witnesses: Sequence[Witness], database: Database) -> None:
        self._database = database
        self._standing: dict[Witness, WitnessStanding] = dict.fromkeys(witnesses, WitnessStanding())

    def __len__(self) -> int:
        return len(self._standing)

    def standing(self) -> list[tuple[Witness, WitnessStanding]]:
        """Return how it goes with each."""
        return list(self._standing.items())

    async def cosign(self, checkpoint: Checkpoint) -> tuple[Signature, ...]:
        """Return the cosignatures that can be had within a few seconds.

        Raises LogError ``log-rolled-back`` when a witness knows a history that this one does not
        extend.
        """
        if not self._standing:
            return ()
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as http:
            answers = await asyncio.gather(
                *(self._ask(http, witness, checkpoint) for witness in self._standing)
            )
        if any(standing.problem == "disputed" for standing in self._standing.values()):
            raise rolled_back()
        return tuple(answer for answer in answers if answer is not None)

    async def _ask(
        self, http: aiohttp.ClientSession, witness: Witness, checkpoint: Checkpoint
    ) -> Signature | None:
        before = self._standing[witness]
        try:
            async with asyncio.timeout(SECONDS):
                signature = await self._submit(http, witness, checkpoint, before.size or 0)
        except (aiohttp.ClientError, OSError, TimeoutError):
            self._set(witness, replace(before, problem="unavailable"))
        except LogError as error:
            disputed = error.code == "log-rolled-back"
            self._set(witness, replace(before, problem="disputed" if disputed else error.code))
        else:
            self._set(witness, WitnessStanding(checkpoint.head.size))
            return signature
        return None

    def _set(self, witness: Witness, standing: WitnessStanding) -> None:
        if standing.problem != self._standing[witness].problem:
            log.warning("witness", name=witness.key.name, problem=standing.problem)
        self._standing[witness] = standing

    async def _submit(
        self, http: aiohttp.ClientSession, witness: Witness, checkpoint: Checkpoint, old: int
    ) -> Signature:
        size = checkpoint.head.size
        for _ in range(2):
            async with self._database.read() as session:
                proof = await Prover(session, size).consistency(old)
            async with http.post(
                f"{witness.url}/add-checkpoint",
                data=protocol.request(old, proof, checkpoint),
                allow_redirects=False,
            ) as answer:
                body = await answer.content.read(protocol.MAX_ANSWER_BYTES + 1)
            if answer.status == HTTPStatus.OK:
                return protocol.read_cosignature(body, checkpoint.note.text, witness.key)
            if answer.status == HTTPStatus.UNPROCESSABLE_ENTITY:
                raise rolled_back()
            if answer.status != HTTPStatus.CONFLICT:
                raise LogError("refused", "The witness does not take our checkpoints.")
            known = protocol.read_size(body)
            if known is None or known == old or known > size:
                # "If the old size matches …, the witness MUST check that the root hashes are also
                # identical"; or it has cosigned more than there is.
                raise rolled_back()
            old = known
        raise LogError("busy", "Somebody else submits to the witness at the same time.")
