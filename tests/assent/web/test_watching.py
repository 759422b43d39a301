"""Fetching a recording: what one's own is comes as it was stored, and nothing else comes."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from assent.meeting.watching import MOST_SEGMENTS
from assent.web.watching import STREAMS
from assent_vault.formats import objects, suite
from assent_vault.formats.frame_key import SLOTS
from assent_vault.formats.generation import NOBODY, unwrap_secret
from assent_vault.formats.generation_boxes import parse_boxes, parse_outer
from assent_vault.formats.generation_closing import verify_generation_closing
from assent_vault.formats.generation_header import GENERATION_TYPE, parse_generation
from assent_vault.formats.generation_pairs import parse_pairs
from assent_vault.formats.slot_keys import slot_secret
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import decode, encode
from assent_vault.keys.generation_opening import PairBox, open_outer, open_pair
from assent_vault.keys.generation_segment_opening import GenerationTrack
from support.browser import Answer, Browser, begin_log, make_context
from support.clock import ManualClock
from support.people import Person
from support.sample_media import picture, tone
from support.vault import StagedMeeting, VaultScene

TAKES = {"microphone": tone(440, 6000), "camera": picture(90, 6000)}


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One kind of database will do."""
    return f"sqlite:///{tmp_path / 'assent.db'}"


@pytest.fixture
async def stage(database_url: str, tmp_path: Path) -> AsyncIterator[VaultScene]:
    """Give a vault whose objects are where the server has its own."""
    stage = VaultScene(tmp_path, database_url)
    await stage.open()
    yield stage
    await stage.close()


@pytest.fixture
async def browser(stage: VaultScene, tmp_path: Path) -> AsyncIterator[Browser]:
    """Give a browser of a server on the same database."""
    clock = ManualClock()
    await begin_log(stage.database, tmp_path, clock)
    await stage.meeting()  # the first brings its notice with it, and the server then adds its own
    parts = await make_context(stage.database, tmp_path, clock)
    async with Browser.of(parts) as browser:
        yield browser


@pytest.fixture
async def meeting(stage: VaultScene) -> StagedMeeting:
    """Give a meeting of three generations: Ada is in all, Bo in the first, Cy in the last."""
    meeting = await stage.meeting()
    ada, bo = await meeting.comes(), await meeting.comes()
    await meeting.record([(ada, TAKES), (bo, TAKES)], offset=10_000)
    await meeting.record([(ada, TAKES)], offset=80_000)
    cy = await meeting.comes()
    await meeting.record([(ada, TAKES), (cy, TAKES)], offset=150_000)
    await meeting.end()
    return meeting


async def opened(browser: Browser, person: Person) -> Any:
    request = person.receipt_request()
    answer = await browser.post(
        "/api/watch", {"request": encode(request.body), "signature": encode(request.signature)}
    )
    assert answer.status == 200, answer.code
    return answer.json


async def generation(browser: Browser, token: str, number: int, **more: Any) -> Answer:
    body = {"number": number, "closing": True} | more
    return await browser.post("/api/watch/generation", body, Authorization=f"Bearer {token}")


async def segments(browser: Browser, token: str, number: int, *parts: Any) -> Answer:
    asked = [{"track": track, "first": first, "last": last} for track, first, last in parts]
    body = {"number": number, "parts": asked}
    return await browser.post("/api/watch/segments", body, Authorization=f"Bearer {token}")


async def erase(stage: VaultScene) -> None:
    """Have the worker find what was withdrawn, and see it gone."""
    await stage.worker.watch()
    for _ in range(2):
        await stage.worker.erase()


def in_a_row(body: bytes) -> list[bytes]:
    found = []
    while body:
        (length,) = struct.unpack(">I", body[:4])
        found.append(body[4 : 4 + length])
        assert len(found[-1]) == length
        body = body[4 + length :]
    return found


async def test_everything_of_ones_own_opens_with_ones_own_key(
    browser: Browser, meeting: StagedMeeting
) -> None:
    ada, bo, _ = meeting.people
    outline = await opened(browser, bo)
    assert [one["number"] for one in outline["generations"]] == [1]
    assert outline["others"] == 2
    assert outline["generations"][0] == {
        "number": 1,
        "offset": 10_000,
        "length": 60_000,
        "interrupted": False,
    }
    assert {one["person"] for one in outline["people"]} == {encode(ada.id), encode(bo.id)}
    assert not outline["running"]

    documents = (await generation(browser, outline["token"], 1)).json
    header = parse_generation(decode(documents["header"]))
    server = suite.sign_public(meeting.stage.server)
    suite.verify(server, GENERATION_TYPE, header.body, decode(documents["signature"]))
    closing = verify_generation_closing(
        decode(documents["closing"]["document"]),
        decode(documents["closing"]["signature"]),
        server,
        header,
        None,
    )
    place = PairBox("watch", header.meeting, NOBODY, bo.id)
    pair = open_pair(bo.watch, decode(documents["pair"]), place)
    secret = unwrap_secret(
        pair,
        "watch",
        bo.id,
        header.digest,
        decode(documents["secret"]),
        place=header.place,
        tag=header.secret,
    )
    slots = {slot: slot_secret(secret, header.place, slot) for slot in range(SLOTS)}
    outer = open_outer(bo.watch, decode(documents["outer"]), header, bo.id)
    tracks = sorted({entry.track for entry in closing.segments})
    assert len(tracks) == 4
    last = {
        track: max(e.sequence for e in closing.segments if e.track == track) for track in tracks
    }
    answer = await segments(
        browser, outline["token"], 1, *((track, 0, last[track]) for track in tracks)
    )
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    found = in_a_row(answer.body)
    assert len(found) == len(closing.segments)
    opened_tracks = {track: GenerationTrack(header, track, outer, slots) for track in tracks}
    for entry, data in zip(closing.segments, found, strict=True):
        assert opened_tracks[entry.track].open(data, entry)
    assert not any(track.left_out for track in opened_tracks.values())


async def test_no_other_box_and_no_share_is_given(browser: Browser, meeting: StagedMeeting) -> None:
    ada, bo, _ = meeting.people
    token = (await opened(browser, bo))["token"]
    answer = await generation(browser, token, 1)
    header = meeting.headers[0]
    blobs = meeting.stage.blobs
    boxes = parse_boxes(await blobs.get(objects.generation_boxes_key(meeting.id, 1)), header)
    pairs = parse_pairs(await blobs.get(objects.generation_pairs_key(meeting.id, 1)), header)
    outer = parse_outer(await blobs.get(objects.generation_outer_key(meeting.id, 1)), header)
    own = {"secret": boxes.watch, "pair": pairs.watch, "outer": outer.watch}
    for name, given in own.items():
        assert decode(answer.json[name]) == given[bo.id], name
        assert encode(given[ada.id]).encode() not in answer.body, name
    assert pairs.train is not None
    assert outer.vault is not None
    assert boxes.wraps is not None
    for box in (outer.vault, boxes.wraps, pairs.train.vault, *pairs.train.people):
        assert encode(box).encode() not in answer.body


async def test_a_stretch_of_others_is_not_to_be_had(
    browser: Browser, meeting: StagedMeeting
) -> None:
    ada, bo, cy = meeting.people
    token = (await opened(browser, bo))["token"]
    for number in (2, 3, 4, 999_999):
        answer = await generation(browser, token, number)
        assert (answer.status, answer.code) == (404, "not-found")
        answer = await segments(browser, token, number, (f"{encode(ada.id)}.camera", 0, 0))
        assert (answer.status, answer.code) == (404, "not-found")
    assert [one["number"] for one in (await opened(browser, cy))["generations"]] == [3]
    assert [one["number"] for one in (await opened(browser, ada))["generations"]] == [1, 2, 3]


async def test_the_closing_comes_only_when_it_is_wanted(
    browser: Browser, meeting: StagedMeeting
) -> None:
    token = (await opened(browser, meeting.people[0]))["token"]
    answer = await generation(browser, token, 1, closing=False)
    assert answer.json["closing"] is None
    assert answer.json["secret"] is not None


async def test_a_generation_that_is_still_open(browser: Browser, stage: VaultScene) -> None:
    meeting = await stage.meeting()
    ada = await meeting.comes()
    await meeting.record([(ada, TAKES)], close=False)
    outline = await opened(browser, ada)
    assert outline["running"]
    assert [one["length"] for one in outline["generations"]] == [None]
    assert (await generation(browser, outline["token"], 1)).json["closing"] is None


async def test_whoever_has_not_the_seed_opens_nothing(
    browser: Browser, meeting: StagedMeeting
) -> None:
    ada, bo, _ = meeting.people
    request, foreign = ada.receipt_request(), bo.receipt_request()
    body = {"request": encode(request.body), "signature": encode(foreign.signature)}
    answer = await browser.post("/api/watch", body)
    assert (answer.status, answer.code) == (422, "bad-signature")
    old = ada.receipt_request(at=1)
    body = {"request": encode(old.body), "signature": encode(old.signature)}
    answer = await browser.post("/api/watch", body)
    assert (answer.status, answer.code, answer.field) == (422, "bad-statement", "at")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer " + "A" * 43},
        {"Authorization": "Bearer not/base64!"},
        {"Authorization": "Basic " + "A" * 43},
    ],
)
async def test_without_a_session_nothing_is_fetched(
    browser: Browser, meeting: StagedMeeting, headers: dict[str, str]
) -> None:
    await opened(browser, meeting.people[0])
    for path, body in (
        ("/api/watch/generation", {"number": 1, "closing": True}),
        (
            "/api/watch/segments",
            {"number": 1, "parts": [{"track": "A" * 43 + ".camera", "first": 0, "last": 0}]},
        ),
    ):
        answer = await browser.post(path, body, **headers)
        assert (answer.status, answer.code) == (401, "not-watching")


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ([], "parts"),
        ([("../../../etc/passwd", 0, 0)], "parts"),
        ([("{}.face", 0, 0)], "parts"),
        ([("{}/../x.camera", 0, 0)], "parts"),
        ([("{}.camera", 1, 0)], "parts"),
        ([("{}.camera", 0, MOST_SEGMENTS)], "parts"),
        ([("{}.camera", 0, MOST_SEGMENTS - 1), ("{}.microphone", 0, 0)], "parts"),
        ([("{}.camera", 0, 0)] * 257, "parts"),
        ([("{}.camera", -1, 0)], None),
        ([("{}.camera", 0, 10**6)], None),
    ],
)
async def test_what_is_no_part_of_a_recording(
    browser: Browser, meeting: StagedMeeting, parts: list[tuple[str, int, int]], field: str | None
) -> None:
    ada = meeting.people[0]
    token = (await opened(browser, ada))["token"]
    named = [(name.replace("{}", encode(ada.id)), first, last) for name, first, last in parts]
    answer = await segments(browser, token, 1, *named)
    assert (answer.status, answer.code) == (400, "bad-request")
    if field is not None:
        assert answer.field == field


async def test_what_was_deleted_is_told_as_deleted(
    browser: Browser, meeting: StagedMeeting, stage: VaultScene
) -> None:
    ada, bo, _ = meeting.people
    await meeting.says(bo, Will.YES, Will.UNANSWERED)
    await meeting.says(bo, Will.WITHDRAWN, Will.UNANSWERED)
    before = await opened(browser, ada)
    assert before["deleted"] == []
    await erase(stage)
    outline = await opened(browser, ada)
    (deleted,) = outline["deleted"]
    assert (deleted["person"], deleted["through_generation"]) == (encode(bo.id), 3)
    assert deleted["confirmed_at"] is not None

    answer = await segments(
        browser,
        outline["token"],
        1,
        (f"{encode(bo.id)}.camera", 0, 1),
        (f"{encode(ada.id)}.camera", 0, 1),
    )
    assert [len(data) > 0 for data in in_a_row(answer.body)] == [False, False, True, True]


async def test_a_destroyed_meeting_is_told_as_destroyed(
    browser: Browser, meeting: StagedMeeting, stage: VaultScene
) -> None:
    ada = meeting.people[0]
    await meeting.change(retain_until=stage.clock.now())
    await erase(stage)
    request = ada.receipt_request()
    for route in ("/api/watch", "/api/receipt"):
        answer = await browser.post(
            route, {"request": encode(request.body), "signature": encode(request.signature)}
        )
        assert answer.code == "receipt-erased"  # and not that nobody ever heard of them


async def test_a_recording_that_cannot_be_read_now(
    browser: Browser, meeting: StagedMeeting, stage: VaultScene, tmp_path: Path
) -> None:
    ada = meeting.people[0]
    token = (await opened(browser, ada))["token"]
    track = f"{encode(ada.id)}.camera"
    path = tmp_path / "objects" / objects.generation_segment_key(meeting.id, 1, track, 0)
    path.unlink()
    path.symlink_to("/dev/null")  # what the store refuses to read
    answer = await segments(browser, token, 1, (track, 0, 2))
    assert (answer.status, answer.code) == (503, "storage-unavailable")

    # Later in the row it is too late to say so; the row is then cut off, and the reader sees it.
    with pytest.raises(Exception, match=r"payload|Connection|disconnected"):
        await segments(browser, token, 1, (track, 1, 2), (track, 0, 0))


async def test_streams_of_one_client_are_bounded(browser: Browser, meeting: StagedMeeting) -> None:
    ada = meeting.people[0]
    token = (await opened(browser, ada))["token"]
    places = browser.client.server.app[STREAMS]  # type: ignore[attr-defined]
    places._most = 0
    answer = await segments(browser, token, 1, (f"{encode(ada.id)}.camera", 0, 0))
    assert (answer.status, answer.code) == (429, "rate-limited")
