"""A withdrawal against two workers and the eraser: every order of their transactions, for real.

The database puts transactions on one meeting into an order, for each begins by locking the
meeting's row; so every order of them is all that can happen between them. Each is run at the real
database, with the real gate, and the same meeting is put back for the next. ``make races`` runs all
orders; otherwise it is some of them. The model in ``queue.pml`` has crashes besides.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterator, Sequence

import pytest
from sqlalchemy import delete, func, select, update

from assent_vault import queue
from assent_vault.database import lock_meeting
from assent_vault.errors import LeaseLost
from assent_vault.evidence import Checks
from assent_vault.models import Export, ExportItem, Release, Statement, VaultKey
from assent_vault.statement import Will
from support.people import Signed
from support.takes import tone
from support.vault import Stage, StagedMeeting

SOUND = {"microphone": tone(440, 200)}
# Who does what, in this order each: two workers, a person, the eraser's two steps, and time.
PARTS = ("AA", "BB", "P", "EE", "T")
EVERY = 40  # of all orders, without --everything
REDELIVERIES = 400  # without --everything


def orders(parts: Sequence[str]) -> Iterator[str]:
    """Yield every order of the parts' letters that keeps each part's own."""
    left = [part for part in parts if part]
    if not left:
        yield ""
    for part in left:
        rest = [other if other is not part else part[1:] for other in left]
        for tail in orders(rest):
            yield part[0] + tail


class Race:
    """One released meeting, and everybody who may do something about it."""

    def __init__(self, stage: Stage, meeting: StagedMeeting, checks: Checks, log_size: int) -> None:
        self.stage = stage
        self.log_size = log_size
        self.meeting = meeting
        self.checks = checks
        person = meeting.people[0]
        self.before = person.last
        self.withdrawal: Signed = person.answer(Will.YES, Will.WITHDRAWN)
        (self.key,) = (stage.settings.vault_dir / "meetings").iterdir()
        self.private = self.key.read_bytes()
        self.now = stage.clock.now()

    async def reset(self) -> None:
        """Put everything back to where the release is ready."""
        self.acknowledged = False
        self.committed: list[str] = []
        self.tokens = {"A": "", "B": ""}
        self.later = 0
        if not self.key.exists():
            self.key.write_bytes(self.private)
        async with self.stage.database.write() as session:
            await session.execute(delete(ExportItem))
            await session.execute(delete(Statement).where(Statement.sequence == 2))
            await session.execute(update(VaultKey).values(destroyed_at=None))
            await session.execute(
                update(Release).values(state="ready", lease_token=None, reason=None)
            )
        await self.stage.take_back_log(self.log_size)

    async def step(self, who: str) -> None:
        """Let somebody do their next step."""
        if who in self.tokens:
            await (self.commit(who) if self.tokens[who] else self.claim(who))
            return
        steps: dict[str, Callable[[], Awaitable[None]]] = {
            "P": self.withdraw,
            "E": self.erase,
            "T": self.time,
        }
        await steps[who]()

    async def claim(self, who: str) -> None:
        """Claim; whoever gets nothing tries to commit all the same, which is no harm."""
        self.tokens[who] = token = f"{who}-token"
        async with self.stage.database.write() as session:
            await lock_meeting(session, self.meeting.id)
            decision = await self.stage.worker.judge.decide(session, self.meeting.id, self.checks)
            assert decision is not None
            await queue.claim(
                session,
                self.meeting.id,
                decision,
                token,
                self.now + self.later,
                self.stage.worker.scribe,
            )

    async def commit(self, who: str) -> None:
        """Commit, as part of this worker's own export."""
        async with self.stage.database.write() as session:
            await lock_meeting(session, self.meeting.id)
            decision = await self.stage.worker.judge.decide(session, self.meeting.id, self.checks)
            assert decision is not None
            try:
                done = await queue.commit(
                    session,
                    f"export-{who}",
                    self.meeting.id,
                    decision,
                    self.tokens[who],
                    self.now + self.later,
                )
            except LeaseLost:
                return
        if done:
            assert not self.acknowledged, "exported after an acknowledged withdrawal"
            self.committed.append(who)

    async def withdraw(self) -> None:
        """Store the withdrawal as the server does, and acknowledge it."""
        await self.meeting.hears(self.meeting.people[0], self.withdrawal)
        self.acknowledged = True

    async def erase(self) -> None:
        """Look at the meeting as the worker does between two other things."""
        await self.stage.worker.eraser.heed(self.meeting.id)

    async def time(self) -> None:
        """Have leases run out that were taken until now."""
        self.later += queue.LEASE_MS + 1

    async def check(self) -> None:
        """See what has come of it."""
        async with self.stage.database.read() as session:
            row = await session.get(Release, self.meeting.id)
            items = list((await session.scalars(select(ExportItem.export_id))).all())
        assert row is not None
        assert len(items) <= 1
        assert items == [f"export-{who}" for who in self.committed]
        assert (row.state == "exported") == bool(items)


@pytest.fixture
async def race(stage: Stage) -> Race:
    meeting = await stage.released(1, **SOUND)
    await stage.cool_off()
    async with stage.database.write() as session:
        for who in "AB":
            session.add(Export(id=f"export-{who}", state="running", requested_at=1))
    checks = await stage.worker.judge.prepare(meeting.id)
    return Race(stage, meeting, checks, await stage.log_size())


async def test_every_order_of_transactions(race: Race, everything: bool) -> None:
    all_orders = list(orders(PARTS))
    assert len(all_orders) == len(set(all_orders)) == 5040
    tried = all_orders if everything else all_orders[::EVERY]
    exported = 0
    for order in tried:
        await race.reset()
        for who in order:
            await race.step(who)
        await race.check()
        # First the person, then a commit: never. First a commit: it stands.
        exported += bool(race.committed)
    print(f"{len(tried)} orders, {exported} with an export")
    assert 0 < exported < len(tried)


async def test_without_the_second_look_some_order_exports_what_was_withdrawn(
    race: Race, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above can fail: a commit that believes what was decided at the claim."""
    await race.reset()
    async with race.stage.database.read() as session:
        decision = await race.stage.worker.judge.decide(session, race.meeting.id, race.checks)

    async def remembered(*_: object) -> object:
        return decision

    monkeypatch.setattr(race.stage.worker.judge, "decide", remembered)
    for who in "AP":
        await race.step(who)
    with pytest.raises(AssertionError, match="acknowledged"):
        await race.step("A")


async def test_delivered_again_and_again_it_has_one_effect(race: Race, everything: bool) -> None:
    """What a queue may deliver twice, it delivers here a hundred thousand times, in any order."""
    await race.reset()
    for who in "AA":
        await race.step(who)
    assert race.committed == ["A"]
    dice = random.Random(7)
    judge, meeting = race.stage.worker.judge, race.meeting.id
    scribe = race.stage.worker.scribe
    async with race.stage.database.read() as session:
        decision = await judge.decide(session, meeting, race.checks)
        before = await session.get(Release, meeting)
    assert decision is not None
    assert before is not None
    again, refused = 0, 0
    now = race.now
    count = 100_000 if everything else REDELIVERIES
    for _ in range(count):
        async with race.stage.database.write() as session:
            await lock_meeting(session, meeting)
            token = dice.choice(["A-token", "B-token", "x"])
            match dice.randrange(7):
                case 0 | 1:
                    export = dice.choice(["export-A", "export-B"])
                    try:
                        again += await queue.commit(session, export, meeting, decision, token, now)
                        assert export == "export-A"
                    except LeaseLost:
                        refused += 1
                case 2:
                    assert not await queue.claim(session, meeting, decision, token, now, scribe)
                case 3:
                    assert (
                        await queue.consider(session, meeting, decision, now, scribe) == "exported"
                    )
                case 4:
                    await queue.give_back(session, token, now)
                case 5:
                    assert await queue.renew(session, token, now) == frozenset()
                case 6:
                    await queue.promote(session, now)
                    await queue.drop(session, meeting, "withdrawn", now)
    async with race.stage.database.read() as session:
        after = await session.get(Release, meeting)
        assert await session.scalar(select(func.count()).select_from(ExportItem)) == 1
    assert after is not None
    assert (after.state, after.evidence, after.updated_at) == (
        before.state,
        before.evidence,
        before.updated_at,
    )
    print(f"{count} deliveries, {again} commits that were one, {refused} refused")
    assert again > 0
    assert refused > 0
