"""The vault as a whole, through the real database: anything in any order, checked by the promises.

People come, answer and take back, generations are recorded, the meeting ends, time goes by, the
worker does its rounds, dies and comes back, exports run, and people take back in the middle of
them; for more people and longer than the walk goes, and with all that is between a statement and a
file.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from assent_vault.errors import VaultError
from assent_vault.export import Outcome
from assent_vault.formats import objects, statement
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import encode
from assent_vault.formats.track import Track
from assent_vault.ledger.entry import ExportedFor, Withdrawn
from assent_vault.release.decision import Release
from assent_vault.store.export_order import ExportOrder, Options
from assent_vault.store.models import DeletionRow, ExportItemRow
from support import courses
from support.people import Person
from support.promises import Circumstances, Said, reasons
from support.sample_media import tone
from support.vault import COOLING_OFF_SECONDS, HOUR, StagedMeeting, VaultScene
from support.walk_gate import meaning

SOUND = {"microphone": tone(440, 100)}
MOST_PEOPLE = 7
FAR = 10**14
STEPS = ["_claim", "_count", "_write_manifest"]
# What can be said: a yes to training comes with one to recording, or no reader takes it.
WILLS = st.sampled_from(
    sorted(
        (recording, training)
        for recording, training in product(Will, Will)
        if training is not Will.YES or recording is Will.YES
    )
)
# What people mostly say, so that something is released at all.
ANSWERS = st.one_of(st.just((Will.YES, Will.YES)), st.just((Will.YES, Will.NO)), WILLS)


@dataclass
class Somebody:
    """A person, and what is known of them without looking."""

    person: Person
    admitted: bool
    said: Said = Said.NOTHING
    withdrew: bool = False
    heard: int = 0  # when they said their last


@dataclass
class Known:
    """A meeting, and what is known of it without looking."""

    staged: StagedMeeting
    people: list[Somebody] = field(default_factory=list)
    over: bool = False
    recorded: bool = False
    destroyed: bool = False
    exported: bool = False

    @property
    def let_in(self) -> list[Somebody]:
        """Everyone who was ever let in."""
        return [somebody for somebody in self.people if somebody.admitted]

    def objections(self) -> dict[str, int]:
        """Return what must keep this meeting from being released."""
        about = Circumstances(over=self.over, recorded=self.recorded, expired=self.destroyed)
        return reasons(about, [somebody.said for somebody in self.let_in])

    def ready_at(self) -> int:
        """When the last yes has cooled off, if there is nothing else."""
        return max(each.heard for each in self.let_in) + COOLING_OFF_SECONDS * 1000


class Whole(RuleBasedStateMachine):
    """Two meetings at one vault."""

    def __init__(self, stage: VaultScene, runner: asyncio.Runner, counts: Counter[str]) -> None:
        super().__init__()
        self.stage = stage
        self.runner = runner
        self.counts = counts
        self.exports = 0
        self.run(courses.publish(stage.database))
        self.meetings = [Known(self.run(stage.meeting(expires_at=FAR))) for _ in range(2)]

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do something that takes its time."""
        return self.runner.run(work)

    @initialize(people=st.lists(st.integers(1, 4), min_size=2, max_size=2))
    def all_goes_well(self, people: list[int]) -> None:
        """Begin where something can be lost: with people who agree, and a recording."""
        for which in range(2):
            for _ in range(people[which]):
                self.comes(which, admitted=True)
            self.all_say_yes(which)
            self.records(which, away=set())
            if which == 0:
                self.ends(which)

    # What people do.

    @rule(which=st.integers(0, 1), admitted=st.booleans() | st.just(True))
    def comes(self, which: int, admitted: bool) -> None:
        known = self.meetings[which]
        if len(known.people) < MOST_PEOPLE and not known.over:
            person = self.run(known.staged.comes(admitted=admitted))
            known.people.append(Somebody(person, admitted))

    @rule(which=st.integers(0, 1), who=st.integers(0, MOST_PEOPLE - 1), wills=ANSWERS)
    def says(self, which: int, who: int, wills: tuple[Will, Will]) -> None:
        known = self.meetings[which]
        if who < len(known.people) and not known.destroyed:
            self.run(self.answer(known, known.people[who], *wills))

    @rule(which=st.integers(0, 1))
    def all_say_yes(self, which: int) -> None:
        known = self.meetings[which]
        for somebody in known.people:
            if not known.destroyed and somebody.said is not Said.BOTH:
                self.run(self.answer(known, somebody, Will.YES, Will.YES))

    async def answer(
        self, known: Known, somebody: Somebody, recording: Will, training: Will
    ) -> None:
        """Say something, as far as the server takes it."""
        person, before = somebody.person, somebody.person.last
        said = person.answer(recording, training)
        assert person.enrolment is not None
        try:
            answer = statement.verify_answer(
                said.body,
                said.signature,
                person.enrolment,
                known.staged.charter,
                before,
                said.sealed,
            )
        except VaultError:
            person.last = before
            return
        await known.staged.hears(person, said)
        somebody.withdrew |= Will.WITHDRAWN in (recording, training)
        somebody.said = meaning(answer, somebody.withdrew)
        somebody.heard = self.stage.clock.now()
        # A person's clock that is ahead delays; here it is far behind.
        assert answer.at < somebody.heard

    @precondition(lambda self: any(not known.over for known in self.meetings))
    @rule(which=st.integers(0, 1), away=st.sets(st.integers(0, MOST_PEOPLE - 1)))
    def records(self, which: int, away: set[int]) -> None:
        known = self.meetings[which]
        there = [
            (each.person, SOUND)
            for number, each in enumerate(known.people)
            if each.admitted and each.said.agrees and number not in away
        ]
        # As the server does: nobody is named by a header who was not let in.
        known.staged.people = [each.person for each in known.let_in]
        if there and not known.over and len(known.staged.headers) < 4:
            self.run(known.staged.record(there, offset=10_000 * (1 + len(known.staged.headers))))
            known.recorded = True
        known.staged.people = [each.person for each in known.people]

    @rule(which=st.integers(0, 1))
    def ends(self, which: int) -> None:
        known = self.meetings[which]
        if not known.over:
            self.run(known.staged.end())
            known.over = True

    # What the vault does.

    @rule(minutes=st.sampled_from([1, 30, 61, 600]))
    def time_passes(self, minutes: int) -> None:
        self.stage.clock.pass_(minutes * 60_000)

    @rule()
    def worker_looks(self) -> None:
        self.run(self.stage.worker.watch())
        for known in self.meetings:
            decision = self.run(self.stage.worker.judge.judge(known.staged.id))
            promised = known.objections()
            assert isinstance(decision, Release) == (not promised), (decision, promised)
            if isinstance(decision, Release):
                assert decision.ready_at == known.ready_at()
            elif not known.destroyed:
                found = {str(reason.code): reason.count for reason in decision.reasons}
                # The worker carries a withdrawal out, and what it took away is missing, too.
                assert set(promised) <= set(found)
                assert all(found[code] == count for code, count in promised.items() if count)

    @rule()
    def worker_dies(self) -> None:
        self.run(self.stage.restart())

    @rule()
    def worker_erases(self) -> None:
        self.run(self.stage.worker.watch())
        self.run(self.stage.worker.erase())
        self.run(self.stage.worker.erase())
        for known in self.meetings:
            self.run(self.nothing_of_those_who_withdrew(known))

    async def nothing_of_those_who_withdrew(self, known: Known) -> None:
        """Look for tracks of those who do not agree to being recorded any more."""
        for somebody in known.people:
            if somebody.said is Said.WITHDRAWN:
                for generation in range(1, len(known.staged.headers) + 1):
                    track = Track(somebody.person.id, "microphone")
                    prefix = objects.generation_track_prefix(known.staged.id, generation, track)
                    found = [key async for key, _ in self.stage.blobs.list(prefix)]
                    assert found == [] or not await self.withdrew_recording(known, somebody)

    async def withdrew_recording(self, known: Known, somebody: Somebody) -> bool:
        """Whether it is recording that was taken back, after something was recorded."""
        last = somebody.person.last
        return last is not None and last.recording is Will.WITHDRAWN

    @rule(which=st.integers(0, 1))
    def time_is_over(self, which: int) -> None:
        known = self.meetings[which]
        if known.over and not known.destroyed and self.exports % 3 == 2:
            self.run(known.staged.change(retain_until=self.stage.clock.now()))
            self.run(self.stage.worker.erase())
            known.destroyed = True

    @rule(again=st.booleans())
    def exports_now(self, again: bool) -> None:
        self.exported(self.run(self.export(again=again)), again=again)

    @rule(
        which=st.integers(0, 1),
        who=st.integers(0, MOST_PEOPLE - 1),
        step=st.sampled_from(STEPS),
        after=st.booleans(),
        recording=st.booleans(),
        again=st.booleans(),
    )
    def takes_back_during_an_export(
        self, which: int, who: int, step: str, after: bool, recording: bool, again: bool
    ) -> None:
        """The withdrawal is stored before or after some step; each step is before the commit."""
        known = self.meetings[which]
        if who >= len(known.people) or known.destroyed:
            return
        somebody = known.people[who]
        exports = self.stage.worker.exports
        real = getattr(exports, step)
        done = False

        async def now() -> None:
            nonlocal done
            if not done:
                done = True
                will = Will.WITHDRAWN if recording else Will.YES
                await self.answer(known, somebody, will, Will.WITHDRAWN)

        async def stepping(*arguments: Any) -> Any:
            if not after:
                await now()
            result = await real(*arguments)
            await now()
            return result

        setattr(exports, step, stepping)
        try:
            outcome = self.run(self.export(again=again))
        finally:
            setattr(exports, step, real)
        self.exported(outcome, again=again)
        self.counts["raced"] += done and somebody.withdrew

    async def export(self, *, again: bool) -> Outcome:
        """Export whatever may be, what is in a data set already left out or not."""
        self.exports += 1
        self.counts["exports"] += 1
        place = self.stage.exports / f"{id(self)}-{self.exports}"
        asked = ExportOrder(options=Options(include_exported=again))
        return await self.stage.worker.export_to(place, None, asked)

    def exported(self, outcome: Outcome, *, again: bool) -> None:
        """Whatever was exported just now may be, and what may be was."""

        async def items() -> list[str]:
            mine = ExportItemRow.export_id == outcome.export_id
            async with self.stage.database.read() as session:
                found = await session.scalars(select(ExportItemRow.meeting_id).where(mine))
                return list(found.all())

        found = self.run(items())
        now = self.stage.clock.now()
        for known in self.meetings:
            is_out = known.staged.id in found
            may = known.recorded and not known.objections() and known.ready_at() <= now
            wanted = again or not known.exported
            assert is_out == (may and wanted), (known.objections(), outcome)
            self.counts["released"] += is_out and not known.exported
            self.counts["given again"] += is_out and known.exported
            known.exported = known.exported or is_out

    async def receipts_hold(self) -> None:
        """Whatever has happened, in whatever order, is what can happen by the receipts' rules."""
        for known in self.meetings:
            for somebody in known.people:
                if not known.destroyed or (known.exported and somebody.admitted):
                    person = encode(somebody.person.id)
                    logged = await courses.holds(self.stage.database, known.staged.id, person)
                    assert logged is not None
                    self.counts["receipts"] += 1
                    kinds = {type(each.record) for each in logged}
                    self.counts["of what was exported"] += ExportedFor in kinds
                    self.counts["of what was withdrawn"] += Withdrawn in kinds

    def teardown(self) -> None:
        """Have both meetings go, so that the next ones are alone; nothing may be left of them."""
        self.run(self.receipts_hold())

        async def away() -> None:
            for known in self.meetings:
                await known.staged.change(
                    ended_at=1, retain_until=self.stage.clock.now(), expires_at=1
                )
            for _ in range(2):
                await self.stage.worker.erase()
            for known in self.meetings:
                prefix = objects.meeting_prefix(known.staged.id)
                assert [key async for key, _ in self.stage.blobs.list(prefix)] == []
            async with self.stage.database.read() as session:
                left = await session.scalars(
                    select(DeletionRow).where(DeletionRow.confirmed_at.is_(None))
                )
                assert left.all() == []

        self.run(away())


@pytest.mark.parametrize("examples", [20])
def test_anything_in_any_order(database_url: str, tmp_path: Path, examples: int) -> None:
    counts = Counter[str]()
    with asyncio.Runner() as runner:
        stage = VaultScene(tmp_path / "data", database_url)
        stage.clock.pass_(10 * HOUR)  # whatever a person's clock says, it is behind
        runner.run(stage.open())
        try:
            run_state_machine_as_test(
                lambda: Whole(stage, runner, counts),
                settings=settings(
                    max_examples=examples,
                    stateful_step_count=30,
                    derandomize=True,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(stage.close())
    print(counts)
    # What is never released, or never taken back half-way, would prove nothing.
    assert counts["released"] > 0
    assert counts["given again"] > 0
    assert counts["raced"] > 0
    assert counts["of what was exported"] > 0
    assert counts["of what was withdrawn"] > 0
