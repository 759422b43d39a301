"""What browsers say of the header of a generation: believed of what they were sent."""

from __future__ import annotations

import pytest

from assent.errors import BadRequest, NotAdmitted, NotEnrolled
from assent.meeting.header_checks import HeaderChecks
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import digest, encode
from support.meetings import Browser, Scene, until
from support.people import Meeting, Person, make_meeting, person_in

YES = Will.YES
OTHER = encode(bytes(32))


@pytest.fixture
def meeting() -> Meeting:
    return make_meeting(waiting_room=True)


async def recorded(scene: Scene, people: list[Person]) -> list[Browser]:
    """The first as the host, everybody let in and agreeing, in a running generation."""
    browsers = []
    for number, person in enumerate(people):
        browser = await scene.browser(str(number), host=number == 0)
        await browser.enter(person, f"Person {number}")
        if number:
            await browser.live.admission.admit(encode(person.id))
        await browser.says(person.answer(YES))
        browsers.append(browser)
    await browsers[0].arms()
    await until(lambda: all(browser.generations for browser in browsers))
    return browsers


def say(browser: Browser, problem: str | None = "stranger", **changes: object) -> None:
    """Say something of the header that this browser was sent last."""
    number, header = browser.generations[-1] if browser.generations else (1, b"")
    said = {"number": number, "header": encode(digest(header)), **changes}
    browser.live.generation_seen(browser, problem=problem, **said)  # type: ignore[arg-type]


def disputed_by(browser: Browser) -> int:
    return browser.live.room_view().disputed_by


async def test_each_who_disputes_is_counted_once(scene: Scene, meeting: Meeting) -> None:
    host, ben, eve = await recorded(scene, [person_in(meeting) for _ in range(3)])
    say(host, None)
    assert disputed_by(host) == 0
    say(ben)
    say(ben, "missing")
    assert disputed_by(host) == 1
    say(eve, "wrong-keys")
    assert disputed_by(host) == 2
    say(ben, None)
    assert disputed_by(host) == 1


async def test_it_ends_with_the_generation(scene: Scene, meeting: Meeting) -> None:
    people = [person_in(meeting) for _ in range(2)]
    host, guest = await recorded(scene, people)
    say(guest)
    old = guest.generations[-1]
    # The next generation begins, with a header of its own.
    await host.says(people[0].answer(Will.WITHDRAWN))
    assert disputed_by(host) == 0
    say(guest)  # it is over, and its number is known
    assert disputed_by(host) == 0
    await host.says(people[0].answer(YES))
    await until(lambda: guest.generations[-1] != old)
    say(guest, number=old[0], header=encode(digest(old[1])))
    assert disputed_by(host) == 0
    say(guest)
    assert disputed_by(host) == 1
    await host.live.arm(False)
    assert disputed_by(host) == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": 2}, "number"),
        ({"number": 2**53 - 1}, "number"),
        ({"header": OTHER}, "header"),
        ({"header": "A" * 42}, "header"),
        ({"header": ""}, "header"),
    ],
    ids=["next", "far", "other", "short", "empty"],
)
async def test_what_was_not_sent_is_refused(
    scene: Scene, meeting: Meeting, changes: dict[str, object], field: str
) -> None:
    host, guest = await recorded(scene, [person_in(meeting) for _ in range(2)])
    with pytest.raises(BadRequest) as refused:
        say(guest, **changes)
    assert refused.value.field == field
    assert disputed_by(host) == 0


async def test_a_generation_that_never_was_is_refused(scene: Scene, meeting: Meeting) -> None:
    host = await scene.browser(host=True)
    await host.enter(person_in(meeting), "Ada")
    with pytest.raises(BadRequest):
        say(host)
    assert disputed_by(host) == 0


async def test_it_was_sent_to_a_connection_and_not_to_its_person(
    scene: Scene, meeting: Meeting
) -> None:
    host, guest = await recorded(scene, [person_in(meeting) for _ in range(2)])
    again = await scene.browser("1")  # the same seat, in another page
    assert not again.generations
    again.generations = guest.generations
    with pytest.raises(BadRequest) as refused:
        say(again)
    assert refused.value.field == "number"
    with pytest.raises(NotEnrolled):
        say(guest)  # it was replaced
    assert disputed_by(host) == 0


async def test_what_somebody_found_stands_while_their_line_is_lost(
    scene: Scene, meeting: Meeting
) -> None:
    host, guest = await recorded(scene, [person_in(meeting) for _ in range(2)])
    say(guest)
    guest.live.admission.detach(guest)
    assert disputed_by(host) == 1


async def test_who_waits_was_sent_nothing(scene: Scene, meeting: Meeting) -> None:
    host, _ = await recorded(scene, [person_in(meeting) for _ in range(2)])
    late = await scene.browser()
    with pytest.raises(NotEnrolled):
        say(late, number=1, header=encode(digest(host.generations[-1][1])))
    await late.enter(person_in(meeting), "Late")
    late.generations = host.generations
    with pytest.raises(NotAdmitted):
        say(late)
    assert disputed_by(host) == 0


@pytest.mark.parametrize("how", ["denied", "gone", "removed"])
async def test_who_is_out_says_nothing_any_more(scene: Scene, meeting: Meeting, how: str) -> None:
    people = [person_in(meeting) for _ in range(3)]
    host, guest, _ = await recorded(scene, people)
    one = guest
    if how == "denied":
        one = await scene.browser()
        late = person_in(meeting)
        await one.enter(late, "Late")
        await host.live.admission.deny(encode(late.id))
        one.generations = host.generations
    elif how == "gone":
        await host.live.admission.leave(host.live.person(guest))
    else:
        await host.live.admission.remove(encode(people[1].id))
    assert one.goodbyes
    with pytest.raises(NotEnrolled):
        say(one)
    assert disputed_by(host) == 0


async def test_no_more_is_kept_than_runs() -> None:
    checks = HeaderChecks()
    wires = [Browser(None, None, None) for _ in range(50)]  # type: ignore[arg-type]
    for generation in range(1, 100):
        header = generation.to_bytes(8, "big")
        checks.begin(generation, header, wires)
        for number, wire in enumerate(wires):
            for _ in range(3):
                checks.take(wire, str(number), generation, encode(digest(header)), ok=False)
        assert checks.disputed_by == len(wires)
        assert (len(checks._sent), len(checks._ok)) == (50, 50)
    for wire in wires:
        checks.gone(wire)
    assert not checks._sent
    checks.end()
    assert not checks._ok
