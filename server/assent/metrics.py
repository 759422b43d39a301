"""Numbers for operators, as Prometheus reads them: ``GET /metrics`` on a listener of its own.

There is none unless a port is set, and it never is part of the web server that faces the internet.
No number has the name of a person, a meeting or an address on it: connections are counted, summed
up and sorted into buckets, never listed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import accumulate
from typing import Final, Protocol
from urllib.parse import urlsplit

from aiohttp import web
from prometheus_client import CollectorRegistry, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeHistogramMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from assent.config_values import is_local
from assent.listening import Connections, Site
from assent.media import MediaStats
from assent.media.stats import LAGS
from assent.web.proxies import peer_key
from assent_vault.files.space import Space

PROCESS: Final = "process"
MOST_CONNECTIONS: Final = 16
KEEPALIVE: Final = 30.0
"""Seconds after which a connection that asks nothing is closed."""
LOOK: Final = 0.1
"""Seconds between two looks at whether the event loop is on time."""

_FRACTIONS = (0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_BITRATES = (100e3, 300e3, 600e3, 1e6, 2e6, 4e6, 8e6, 16e6)


class Measured(Protocol):
    """A media plane, as far as it can be measured."""

    def figures(self) -> Sequence[MediaStats]:
        """Return how each process of it is doing."""


class MediaCollector(Collector):
    """Reads the figures of the media processes whenever somebody asks."""

    def __init__(self, media: Measured) -> None:
        self._media = media

    def collect(self) -> Iterable[Metric]:
        """Yield what there is now; ``process`` numbers the media processes, and then the front."""
        all_figures = [(str(place), f) for place, f in enumerate(self._media.figures())]
        for name, text, values in (
            ("rooms", "Meetings with media", [f.rooms for _, f in all_figures]),
            ("publishers", "Connections to take media", [f.publishers for _, f in all_figures]),
            ("subscribers", "Connections to send media", [f.subscribers for _, f in all_figures]),
            ("memory_bytes", "Memory of the process", [f.resident for _, f in all_figures]),
            ("tasks", "Tasks of the event loop", [f.tasks for _, f in all_figures]),
            ("descriptors", "Open files and sockets", [f.descriptors for _, f in all_figures]),
        ):
            gauge = GaugeMetricFamily(f"assent_media_{name}", text, labels=[PROCESS])
            for (process, _), value in zip(all_figures, values, strict=True):
                gauge.add_metric([process], value)
            yield gauge
        for name, text, totals in (
            ("received_datagrams", "Datagrams", [f.received for _, f in all_figures]),
            ("received_bytes", "Bytes of datagrams", [f.received_octets for _, f in all_figures]),
            ("forwarded_packets", "Packets sent on", [f.forwarded for _, f in all_figures]),
            ("forwarded_bytes", "Payload sent on", [f.forwarded_octets for _, f in all_figures]),
            ("cpu_seconds", "Processor time", [f.cpu for _, f in all_figures]),
        ):
            counter = CounterMetricFamily(f"assent_media_{name}", text, labels=[PROCESS])
            for (process, _), total in zip(all_figures, totals, strict=True):
                counter.add_metric([process], total)
            yield counter
        events = CounterMetricFamily(
            "assent_media_events", "What was dropped, asked or repeated", labels=[PROCESS, "event"]
        )
        layers = GaugeMetricFamily(
            "assent_media_pictures", "Pictures that are sent, by layer", labels=[PROCESS, "layer"]
        )
        up = _family("assent_media_loss_up", "Lost of each incoming stream")
        down = _family("assent_media_loss_down", "Lost on the way to each subscriber")
        paths = _family("assent_media_estimate_bits", "Estimated bit/s of each subscriber's path")
        lag = HistogramMetricFamily(
            "assent_media_loop_lag_seconds", "How late the event loop was", labels=[PROCESS]
        )
        for process, figures in all_figures:
            for event, count in sorted(figures.counters.items()):
                events.add_metric([process, event], count)
            for layer, count in sorted(figures.layers.items()):
                layers.add_metric([process, layer], count)
            _spread(up, process, figures.lost_up, _FRACTIONS)
            _spread(down, process, figures.lost_down, _FRACTIONS)
            _spread(paths, process, figures.estimates, _BITRATES)
            limits = [*map(str, LAGS), "+Inf"]
            counts = accumulate(figures.lags)
            lag.add_metric([process], list(zip(limits, counts, strict=True)), figures.lag_sum)
        yield from (events, layers, up, down, paths, lag)


class SpaceCollector(Collector):
    """Tells how much room there is for what people say, and what waits for room."""

    def __init__(self, space: Space, owed: Callable[[], int]) -> None:
        self._space = space
        self._owed = owed

    def collect(self) -> Iterable[Metric]:
        """Yield what was found when the disks were looked at last; ``place`` says which."""
        free = GaugeMetricFamily("assent_free_bytes", "Free on the disk", labels=["place"])
        files = GaugeMetricFamily("assent_free_files", "Files that can be made", labels=["place"])
        for room in self._space.rooms:
            free.add_metric([room.place], room.octets)
            if room.files is not None:
                files.add_metric([room.place], room.files)
        yield from (free, files)
        floor = "Nothing is recorded with less free than this"
        yield GaugeMetricFamily("assent_free_floor_bytes", floor, self._space.floor)
        low = self._space.problem is not None
        yield GaugeMetricFamily("assent_space_low", "1 while nothing is recorded for it", int(low))
        owed = "Answers that were received and could not be stored yet"
        yield GaugeMetricFamily("assent_answers_owed", owed, self._owed())


class ReadinessCollector(Collector):
    """Tells whether people can meet here, and why not, as ``/readyz`` does; the worker included."""

    def __init__(self, reasons: Callable[[], Sequence[str]]) -> None:
        self._reasons = reasons

    def collect(self) -> Iterable[Metric]:
        """Yield what was found when somebody asked; ``reason`` is a code of ``/readyz``."""
        reasons = self._reasons()
        yield GaugeMetricFamily("assent_ready", "1 while /readyz says so", int(not reasons))
        why = GaugeMetricFamily("assent_not_ready", "Why it does not", labels=["reason"])
        for reason in reasons:
            why.add_metric([reason], 1)
        yield why


def _family(name: str, text: str) -> GaugeHistogramMetricFamily:
    return GaugeHistogramMetricFamily(name, text, labels=[PROCESS])


def _spread(
    family: GaugeHistogramMetricFamily,
    process: str,
    values: Sequence[float],
    limits: Sequence[float],
) -> None:
    buckets = [(str(limit), float(sum(v <= limit for v in values))) for limit in limits]
    buckets.append(("+Inf", float(len(values))))
    family.add_metric([process], buckets, float(sum(values)))


def _is_local_name(host: str) -> bool:
    """Tell whether a request was meant for this machine.

    A web page cannot read this by way of a browser that runs here, unless a name that its author
    has made points to this machine (DNS rebinding); the name is then in the request.
    """
    return is_local(urlsplit(f"//{host}").hostname or "")


class Metrics:
    """The numbers of this process, and the listener that gives them away."""

    def __init__(self, media: Measured, space: Space) -> None:
        self.owed: Callable[[], int] = lambda: 0
        self.not_ready: Callable[[], Awaitable[Sequence[str]]] | None = None
        self._reasons: Sequence[str] = ["starting"]
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(MediaCollector(media))
        self._registry.register(SpaceCollector(space, lambda: self.owed()))
        self._registry.register(ReadinessCollector(lambda: self._reasons))
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._lag = Histogram(
            "assent_event_loop_lag_seconds",
            "How late the event loop of the web process was",
            buckets=LAGS,
            registry=self._registry,
        )
        self._runner: web.AppRunner | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._local = True
        self.port = 0

    def add(self, collector: Collector) -> None:
        """Give away what another part measures as well."""
        self._registry.register(collector)

    async def start(self, host: str, port: int) -> None:
        """Listen, and begin to watch the loop. Raises OSError where that cannot be done."""
        self._local = is_local(host)
        app = web.Application()
        app.router.add_get("/metrics", self._answer)
        self._runner = web.AppRunner(
            app, access_log=None, handle_signals=False, keepalive_timeout=KEEPALIVE
        )
        await self._runner.setup()
        # A client that only connects shall not take away what the recording needs.
        connections = Connections(MOST_CONNECTIONS, MOST_CONNECTIONS // 2)
        await Site(
            self._runner, host, port, connections, peer_key(()), backlog=MOST_CONNECTIONS
        ).start()
        self.port = self._runner.addresses[0][1]
        self._watcher = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Listen no more."""
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher
        if self._runner is not None:
            await self._runner.cleanup()

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LOOK
            await asyncio.sleep(LOOK)
            self._lag.observe(max(0.0, loop.time() - due))

    async def _answer(self, request: web.Request) -> web.Response:
        if self._local and not _is_local_name(request.host):
            raise web.HTTPForbidden
        if self.not_ready is not None:
            self._reasons = await self.not_ready()
        return web.Response(
            body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )
