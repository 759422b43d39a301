"""Witnesses cosign what they are shown, and notice what is taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assent.errors import StartError
from assent.transparency import witnesses as submitting
from assent_vault.errors import LogError
from assent_vault.ledger import checkpoint as checkpoints
from assent_vault.store.database import Database
from support.logs import cut_off
from support.witness import WitnessServer


async def test_what_is_shown_is_cosigned(log: Any, witness: WitnessServer) -> None:
    publisher = await log.publish([witness.setting])
    for count in (3, 300, 1):
        await log.grow(count)
        shown = await publisher.update()
        signed = checkpoints.parse(shown.to_bytes()).note.verify(
            [log.key.signer.verifier, witness.verifier]
        )
        assert set(signed) == {log.key.signer.verifier, witness.verifier}
    ((_, standing),) = publisher.witnesses.standing()
    assert (standing.size, standing.problem) == (304, None)
    assert witness.heads["example.org/log"] == publisher.shown.head


async def test_after_a_restart_the_witness_says_where_it_is(
    log: Any, witness: WitnessServer
) -> None:
    publisher = await log.publish([witness.setting])
    await log.grow(5)
    await publisher.update()
    await publisher.stop()
    await log.grow(2)
    publisher = await log.publish([witness.setting])
    assert witness.heads["example.org/log"].size == 7
    assert publisher.shown.note.verify([witness.verifier])


async def test_a_witness_that_cannot_be_reached_holds_up_nothing(
    log: Any, witness: WitnessServer
) -> None:
    away = f"http://127.0.0.1:9 {WitnessServer('away.example').vkey}"
    publisher = await log.publish([away, witness.setting])
    await log.grow()
    shown = await publisher.update()
    assert set(shown.note.verify([log.key.signer.verifier, witness.verifier]))
    assert [standing.problem for _, standing in publisher.witnesses.standing()] == [
        "unavailable",
        None,
    ]
    assert publisher.problems() == []


async def test_a_slow_witness_holds_up_for_a_bounded_time(
    log: Any, witness: WitnessServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    async def never(_: Any) -> Any:
        await asyncio.sleep(3600)

    slow = WitnessServer("slow.example")
    monkeypatch.setattr(slow, "_add", never)
    monkeypatch.setattr(submitting, "SECONDS", 0.2)
    async with slow.running():
        publisher = await log.publish([slow.setting])
        ((_, standing),) = publisher.witnesses.standing()
        assert standing.problem == "unavailable"


@pytest.mark.parametrize(("status", "problem"), [(404, "refused"), (500, "refused")])
async def test_a_witness_that_does_not_know_us(
    log: Any, witness: WitnessServer, status: int, problem: str
) -> None:
    witness.answers_with = status
    publisher = await log.publish([witness.setting])
    ((_, standing),) = publisher.witnesses.standing()
    assert standing.problem == problem
    # It is asked again, and then all is well.
    witness.answers_with = None
    shown = await publisher.update(again=True)
    assert shown.note.verify([witness.verifier])


async def test_cosignatures_of_others_are_not_taken(log: Any, witness: WitnessServer) -> None:
    other = WitnessServer()
    publisher = await log.publish([f"{witness.url} {other.vkey}"])
    ((_, standing),) = publisher.witnesses.standing()
    assert standing.problem == "log-signature"
    assert len(publisher.shown.note.signatures) == 1


async def test_a_witness_notices_that_everything_was_brought_back(
    log: Any, witness: WitnessServer
) -> None:
    """Database and server's folder alike, as a snapshot of the whole machine has them."""
    publisher = await log.publish([witness.setting])
    await log.grow(3)
    await publisher.update()
    head = (log.folder / "log.head").read_bytes()
    await log.grow(3)
    await publisher.update()
    await publisher.stop()
    await cut_off(log.database, 3)
    (log.folder / "log.head").write_bytes(head)
    await log.publish()  # nobody here knows any better
    with pytest.raises(StartError, match="log-rolled-back"):
        await log.publish([witness.setting])
    # Nor is it fooled by a log that is as long, or longer.
    await log.grow(3)
    with pytest.raises(StartError, match="log-rolled-back"):
        await log.publish([witness.setting])
    await log.grow(3)
    with pytest.raises(StartError, match="log-rolled-back"):
        await log.publish([witness.setting])


async def test_two_logs_under_one_name_are_noticed(
    log: Any, witness: WitnessServer, tmp_path: Path
) -> None:
    """Somebody with the key shows one log to some, and another to others."""
    publisher = await log.publish([witness.setting])
    await log.grow(4)
    await publisher.update()
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    await other.migrate()
    (tmp_path / "log.head").unlink()
    second = await log.publish(database=other)
    log.database = other
    await log.grow(6)
    second._witnesses = submitting.Witnesses(
        [witness_ for witness_, _ in publisher.witnesses.standing()], other
    )
    shown = second.shown
    with pytest.raises(LogError) as caught:
        await second.update()
    assert caught.value.code == "log-rolled-back"
    assert second.problems() == ["log-rolled-back"]
    assert second.shown is shown
    # Both heads have reached the witness, each signed by the log: that is the proof.
    first, forked = witness.seen[-2].head, witness.seen[-1].head
    assert {head.size for head in (first, forked)} == {6}
    await other.close()
