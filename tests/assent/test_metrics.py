"""What operators can count, and what they cannot see."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from assent.media.rtp import rtcp
from assent.metrics import Metrics
from assent_vault.files.space import Space
from support.ports import free_port
from support.rtc import until
from support.rtc_raw import KEY_FRAME
from support.rtc_scene import MediaScene, staged
from support.troubled import Troubled
from support.waiting import eventually


@pytest.fixture
async def stage() -> AsyncIterator[MediaScene]:
    async with staged() as stage:
        yield stage


@pytest.fixture
async def metrics(stage: MediaScene) -> AsyncIterator[Metrics]:
    metrics = Metrics(stage.server, Space({}, 0))
    await metrics.start("127.0.0.1", 0)
    try:
        yield metrics
    finally:
        await metrics.stop()


async def scrape(metrics: Metrics) -> str:
    url = f"http://127.0.0.1:{metrics.port}/metrics"
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/plain")
        return await answer.text()


def numbers(text: str) -> dict[tuple[str, str], float]:
    """Return every sample by name and the value of its label, the process apart."""
    return {
        (
            sample.name,
            next((v for k, v in sample.labels.items() if k != "process"), ""),
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_an_idle_server_has_nothing_to_tell(stage: MediaScene, metrics: Metrics) -> None:
    found = numbers(await scrape(metrics))
    assert found["assent_media_rooms", ""] == 1  # the stage's
    assert found["assent_media_publishers", ""] == 0
    assert found["assent_media_forwarded_packets_total", ""] == 0
    assert found["process_resident_memory_bytes", ""] > 0
    assert found["assent_media_memory_bytes", ""] > 0
    assert found["assent_media_tasks", ""] > 0
    assert found["assent_media_descriptors", ""] > 3
    assert ("assent_event_loop_lag_seconds_count", "") in found
    await until(lambda: stage.server.figures()[0].lag_sum > 0)
    found = numbers(await scrape(metrics))
    assert found["assent_media_loop_lag_seconds_count", ""] > 0
    assert found["assent_media_loop_lag_seconds_sum", ""] > 0


async def test_whether_it_is_ready_is_told_and_why_not(metrics: Metrics) -> None:
    found = numbers(await scrape(metrics))
    assert found["assent_ready", ""] == 0
    assert found["assent_not_ready", "starting"] == 1
    reasons = ["clock-unconfirmed", "log-rolled-back"]

    async def not_ready() -> list[str]:
        return reasons

    metrics.not_ready = not_ready
    found = numbers(await scrape(metrics))
    assert found["assent_ready", ""] == 0
    told = {label for name, label in found if name == "assent_not_ready"}
    assert told == {"clock-unconfirmed", "log-rolled-back"}
    reasons.clear()
    found = numbers(await scrape(metrics))
    assert found["assent_ready", ""] == 1
    assert not [name for name, _ in found if name == "assent_not_ready"]


async def test_a_worker_that_cannot_work_is_among_the_numbers(tmp_path: Path) -> None:
    port = free_port()
    server = Troubled(tmp_path, settings={"metrics_port": port})
    try:
        await server.start_troubled()
        await server.stop()
        (server.vault / "log.head").unlink()
        await server.start_troubled()
        found = {("", ""): 0.0}

        async def told() -> bool:
            url = f"http://127.0.0.1:{port}/metrics"
            async with aiohttp.ClientSession() as http, http.get(url) as answer:
                found.update(numbers(await answer.text()))
            return found.get(("assent_not_ready", "log-head-missing")) == 1

        await eventually(told, "it is told")
        assert found["assent_ready", ""] == 0
    finally:
        await server.close()


async def test_what_happens_is_counted(stage: MediaScene, metrics: Metrics) -> None:
    alice, bob, audio, video = await stage.pair()
    alice.publishing.send(audio.packet(b"sound"))
    alice.publishing.send(video.packet(KEY_FRAME))
    ssrc = bob.section("alice", "camera").ssrcs[0]
    stage.wire.now = lambda: monotonic() + 10  # a report at the very beginning says nothing
    block = rtcp.Block(ssrc, 64, 0, 0, 0, 0, 0)
    bob.subscribing.send_feedback(rtcp.receiver_report(1, [block]))
    bob.subscribing.send_feedback(rtcp.nack(1, ssrc, [1]))
    await stage.settle()
    found = numbers(await scrape(metrics))
    assert found["assent_media_publishers", ""] == 1
    assert found["assent_media_subscribers", ""] == 1
    assert found["assent_media_forwarded_packets_total", ""] == 2
    assert found["assent_media_forwarded_bytes_total", ""] == len(b"sound") + len(KEY_FRAME)
    assert found["assent_media_received_datagrams_total", ""] > 4
    assert found["assent_media_events_total", "nack-missed"] == 1
    assert found["assent_media_pictures", "0"] == 1
    assert found["assent_media_loss_up_bucket", "0.001"] == 2
    assert found["assent_media_loss_down_bucket", "0.2"] == 0
    assert found["assent_media_loss_down_bucket", "0.5"] == 1
    assert found["assent_media_estimate_bits_gcount", ""] == 1


async def test_nobody_is_named(stage: MediaScene, metrics: Metrics) -> None:
    alice, _, audio, _ = await stage.pair()
    alice.publishing.send(audio.packet(b"sound"))
    await stage.settle()
    text = await scrape(metrics)
    for secret in ("alice", "bob", '"room"', "192.0.2.", alice.publishing.ufrag):
        assert secret not in text


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1", 200), ("localhost:9", 200), ("[::1]", 200), ("rebound.example", 403)],
)
async def test_a_page_cannot_read_it_under_a_name_of_its_own(
    metrics: Metrics, host: str, status: int
) -> None:
    url = f"http://127.0.0.1:{metrics.port}/metrics"
    async with (
        aiohttp.ClientSession() as http,
        http.get(url, headers={"Host": host}) as answer,
    ):
        assert answer.status == status


async def test_nothing_else_is_answered(metrics: Metrics) -> None:
    async with aiohttp.ClientSession() as http:
        for method, path in (("GET", "/"), ("POST", "/metrics"), ("GET", "/healthz")):
            url = f"http://127.0.0.1:{metrics.port}{path}"
            async with http.request(method, url) as answer:
                assert answer.status in (404, 405)


async def test_a_late_loop_is_noticed(metrics: Metrics, monkeypatch: pytest.MonkeyPatch) -> None:
    await asyncio.sleep(0.05)
    time.sleep(0.4)  # noqa: ASYNC251 - what is to be noticed
    await asyncio.sleep(0.15)
    found = numbers(await scrape(metrics))
    late = found["assent_event_loop_lag_seconds_count", ""]
    assert found["assent_event_loop_lag_seconds_bucket", "0.1"] < late
