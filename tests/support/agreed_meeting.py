"""A short meeting of two on a real server: both agree to everything, and it is recorded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from assent_vault.formats.statement import Will
from support.data_folder import files
from support.rtc import Tone
from support.seat import Participant, hosting, participant
from support.started import MEETING, Started
from support.waiting import eventually
from support.whip import device


@asynccontextmanager
async def agreed_meeting(server: Started) -> AsyncIterator[tuple[str, Participant]]:
    """Hold the meeting, with a tone from a device of the guest's, and end it.

    Gives its id and the guest, who is there as long as this is.
    """
    cookie = await server.administrator()
    wanted = MEETING | {"recording": True, "training": True}
    made, secret = await server.create(wanted, cookie)
    meeting = str(made["id"])
    link = f"{server.url}/m/{meeting}#{secret.fragment}"
    async with (
        aiohttp.ClientSession() as http,
        hosting(http, server, link, cookie) as host,
        participant(http, server, link) as guest,
    ):
        for who, name in ((host, "Hanna"), (guest, "Ola")):
            await who.enter(name)
            await who.answer(Will.YES, Will.YES)
        drawn = await guest.draw_device()
        async with device(http, server.url, drawn["whip"], drawn["token"]) as encoder:
            assert (await encoder.publish(Tone(1330))).status == 201
            await host.arm()
            await host.until_capture("recording")
            stored = server.data / "objects"
            await eventually(lambda: len(files(stored, ".segment")) >= 3, "segments are stored")
            assert (await server.post(f"/api/meetings/{meeting}/end", {}, cookie))[0] == 200
        yield meeting, guest
