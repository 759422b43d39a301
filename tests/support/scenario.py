"""Whoever a test needs: a server, and people at their browsers who meet on it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from support.media import Signs, signs
from support.namespaces import Namespace
from support.perception import perceive
from support.person import Person
from support.server import Server
from support.waiting import eventually


class Scenario:
    """One server, and people, each with a browser and signs of their own."""

    def __init__(self, folder: Path, stack: AsyncExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._signs: Iterator[Signs] = signs()
        self._server: Server | None = None
        self.people: list[Person] = []

    @property
    def server(self) -> Server:
        """The server, once it was started."""
        assert self._server is not None, "no server yet"
        return self._server

    async def open(self, server: Server) -> Server:
        """Start the server; it is stopped when the test ends."""
        self._server = server
        self._stack.push_async_callback(server.close)
        await server.start()
        return server

    async def person(self, name: str, inside: Namespace | None = None) -> Person:
        """Give somebody a browser, in a network of its own if one is given."""
        person = Person(name, next(self._signs), self.server, self._folder / name, inside)
        await person.start(self._stack)
        self.people.append(person)
        return person

    async def keep(self, folder: Path) -> None:
        """Keep what everybody's pages look like by now."""
        for person in self.people:
            await person.keep(folder)

    async def host(self, name: str = "Hanna", inside: Namespace | None = None) -> Person:
        """Give the first administrator a browser and an account."""
        person = await self.person(name, inside)
        await person.become_administrator(self.server.admin_link)
        return person

    async def meeting(self, guests: Sequence[str], *, training: bool = False) -> list[Person]:
        """Let people meet who have all said yes to recording, and to training where it is so said.

        Returns the host first, then the guests, all of them in the meeting.
        """
        host = await self.host()
        link = await host.create_meeting("Weekly")
        await host.enter_as_host()
        people = [host]
        for name in guests:
            guest = await self.person(name)
            await guest.arrive(link)
            people.append(guest)
        for person in people:
            await person.answer_at_the_door(recording=True, training=training or None)
            await person.join()
        await everyone_perceives(people)
        return people


async def all_say(people: Sequence[Person], state: str) -> None:
    """Wait until every page says that this is the state of the recording."""

    async def one_says(person: Person) -> None:
        async def says() -> bool:
            return await person.state() == state

        await eventually(says, f"{person.name}'s page says {state}")

    await asyncio.gather(*map(one_says, people))


async def everyone_perceives(people: Sequence[Person]) -> None:
    """Wait until each page has shown and played everyone else, and shows and plays nobody more.

    All look and listen at once, and each adds up what they perceive: a machine with as many
    browsers as this one does not give everybody's picture time in one and the same second.
    """
    await asyncio.gather(
        *(
            _perceives(person, [other for other in people if other is not person])
            for person in people
        )
    )


async def _perceives(person: Person, others: Sequence[Person]) -> None:
    colours = {other.camera.colour for other in others}
    tones = {other.signs.tone for other in others}
    seen: set[str | None] = set()
    heard: set[int | None] = set()

    async def whole() -> bool:
        now = await perceive(person.page)
        # One's own picture is on one's page, too; one's own sound must not be.
        pictures = now.alive - {person.camera.colour}
        seen.update(pictures)
        heard.update(now.tones)
        return pictures <= colours <= seen and now.tones <= tones <= heard

    names = " and ".join(other.name for other in others)
    await eventually(whole, f"{person.name} sees and hears {names}")
