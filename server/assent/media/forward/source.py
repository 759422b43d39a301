"""One source of a peer with all its layers, and who gets which of them.

A camera may come in up to three encodings at once (simulcast), everything else in one. Each has a
:class:`LayerForwarder`; here is decided, a few times a second and never per packet, which one a
subscriber gets packets from, which one goes to the tap, and how many the publisher need send at
all.

What it rests on: a subscriber is moved only at a key frame of the layer it moves to, and until then
gets what it got before. A layer from which nothing comes (the publisher's path or machine cannot)
is passed over, and used again when it comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from assent.media.codecs import Codec
from assent.media.congestion.allocation import PAUSED, Layer
from assent.media.forward.down_track import DownTrack, Forwarder
from assent.media.forward.forwarding import LayerForwarder
from assent.media.forward.tap import Tapped, TapRow
from assent.media.sources import SOURCES, Source
from assent.media.track import TrackInfo
from assent.media.transport.udp import Udp

INTERVAL = 0.2
"""Seconds between two looks at what comes and who should get it."""

GONE = 1.0  # seconds without a packet, after which a layer is not there; screens send little
WAITED = 3.0  # seconds that a publisher may take to send a layer that it is told is wanted
LINGER = 4.0  # seconds that a layer nobody needs any more is still wanted: they may come back

LADDERS: dict[int, tuple[Layer, ...]] = {
    1: (Layer(720, 1_200_000),),
    2: (Layer(360, 450_000), Layer(720, 1_500_000)),
    3: (Layer(180, 150_000), Layer(360, 450_000), Layer(720, 1_500_000)),
}
"""What the layers are taken for before they have been seen."""


class PublishedSource:
    """See the module. It outlives the publisher's connection as long as the codec stays.

    ``wanted`` is how many layers, from the lowest, the publisher is to send: of several one always,
    so that the next who wants to see something need not wait; of one it may be none.
    """

    def __init__(
        self, udp: Udp, room: Tapped, peer: str, source: Source, codec: Codec, now: float
    ) -> None:
        self.peer = peer
        self.source = source
        self.codec: Codec = codec
        self.video = SOURCES[source].video
        self.open = False
        self.wanted = 1
        self.layers: list[LayerForwarder] = []
        self._udp = udp
        self._room = room
        self._outs: list[DownTrack] = []
        self._info: TrackInfo | None = None
        self._row: TapRow | None = None
        self._octets: list[int] = []
        self._rates: list[float] = []
        self._measured_at = 0.0
        self._needed_at = now
        self._told_at: list[float] = []
        self.shape(1, now)

    # -- the publisher's side ----------------------------------------------------------------

    def shape(self, count: int, now: float) -> None:
        """Have that many layers. Where it changes, everybody begins anew with a key frame."""
        if count == len(self.layers):
            return
        for out in self._outs:
            self._release(out)
        for layer in self.layers:
            layer.interrupt()
        self.layers = [
            LayerForwarder(self._udp, self._room, self.peer, self.codec) for _ in range(count)
        ]
        self._octets = [0] * count
        self._rates = [0.0] * count
        self._told_at = [now] * count
        self._needed_at = now
        self.wanted = count
        self.renumber()
        for layer in self.layers:
            layer.set_open(self.open, now)
        for out in self._outs:
            self.switch_to(out, out.layer, now)

    def renumber(self) -> None:
        """Expect another connection of the publisher, with numbers and SSRCs of its own."""
        self._info = None
        self._row = TapRow() if len(self.layers) > 1 else None
        for layer in self.layers:
            layer.renumber()
            layer.tap_row = self._row
            layer.tap_next = None
            # The lowest is what comes first, and always; the tap moves on as better ones come.
            layer.tapped = layer is self.layers[0]

    @property
    def info(self) -> TrackInfo | None:
        """The track as others know it: by the first layer that is known of a connection."""
        if self._info is None or all(layer.info is None for layer in self.layers):
            self._info = next((layer.info for layer in self.layers if layer.info), None)
        return self._info

    def set_open(self, is_open: bool, now: float) -> None:
        """Let packets through, or stop them at this instant."""
        self.open = is_open
        for layer in self.layers:
            layer.set_open(is_open, now)

    # -- the subscribers' side ---------------------------------------------------------------

    def attach(self, out: DownTrack, now: float) -> None:
        """Add a subscriber, who gets the lowest layer until told better."""
        if out not in self._outs:
            self._outs.append(out)
            self.switch_to(out, 0, now)

    def detach(self, out: DownTrack) -> None:
        """Take a subscriber away for good."""
        if out in self._outs:
            self._outs.remove(out)
            self._release(out)

    def _release(self, out: DownTrack) -> None:
        for forwarder in (out.forwarder, out.target):
            if forwarder is not None:
                forwarder.detach(out)
        out.target = None

    def switch_to(self, out: DownTrack, layer: int, now: float) -> None:
        """Let a subscriber get that layer, or PAUSED, or the nearest that comes."""
        out.layer = layer
        if layer == PAUSED:
            if out.target is not None:
                self._release(out)
            return
        target = self.layers[self._nearest(min(layer, len(self.layers) - 1), now)]
        if out.target is target:
            return
        if out.target is not None and out.target is not out.forwarder:
            out.target.detach(out)  # it was to move there, and had not yet
        out.target = target
        target.attach(out, now)

    def current(self, out: DownTrack) -> int:
        """Return the layer that a subscriber gets now, or PAUSED."""
        if out.started:
            for index, layer in enumerate(self.layers):
                if layer is out.forwarder:
                    return index
        return PAUSED

    def send_again(self, out: DownTrack, sequences: Sequence[int], now: float) -> None:
        """Answer a subscriber's NACK; what it got from another layer it needs no more."""
        if out.forwarder is not None:
            out.forwarder.send_again(out, sequences, now)

    def set_red(self, out: DownTrack, on: bool) -> None:
        """Send a subscriber sound redundantly, as far as it takes that, or not."""
        if not self.video:
            self.layers[0].set_red(out, on)

    def request_key_frame(self, now: float, out: DownTrack | None = None) -> None:
        """Ask for a key frame of what a subscriber gets, or of whatever anybody gets."""
        asked: Sequence[Forwarder]
        if out is not None:
            asked = [out.target] if out.target is not None else []
        elif len(self.layers) == 1:
            asked = self.layers
        else:
            asked = [layer for layer in self.layers if layer.live or self._taps(layer)]
        for layer in asked:
            layer.request_key_frame(now)

    # -- what comes --------------------------------------------------------------------------

    def _comes(self, index: int, now: float) -> bool:
        return now - self.layers[index].top_at < GONE

    def _may_come(self, index: int, now: float) -> bool:
        """Tell whether a layer comes, or would if it were wanted."""
        if self._comes(index, now) or index >= self.wanted:
            return True
        return now - self._told_at[index] < WAITED

    def _nearest(self, index: int, now: float) -> int:
        """Return the layer to take for a wish: it, one below it, or else one above it."""
        count = len(self.layers)
        others = [*range(index, -1, -1), *range(index + 1, count)]
        return next((other for other in others if self._comes(other, now)), index)

    def ladder(self, now: float) -> list[Layer]:
        """Return the layers as an allocation sees them: what is not to be had is like the next."""
        count = len(self.layers)
        nominal = LADDERS[count]
        seen: list[Layer | None] = []
        for index, layer in enumerate(self.layers):
            if not self._may_come(index, now):
                seen.append(None)
                continue
            rate = self._rates[index] if self._comes(index, now) else 0.0
            guess = nominal[index]
            seen.append(Layer(layer.height or guess.height, int(rate) or guess.bitrate))
        for index in range(1, count):
            if seen[index] is None:
                seen[index] = seen[index - 1]
        for index in range(count - 2, -1, -1):
            if seen[index] is None:
                seen[index] = seen[index + 1]
        ladder = [layer or guess for layer, guess in zip(seen, nominal, strict=True)]
        # Rates wobble, and an order is counted on.
        for index, (lower, higher) in enumerate(pairwise(ladder)):
            if higher.bitrate < lower.bitrate or higher.height < lower.height:
                ladder[index + 1] = Layer(
                    max(lower.height, higher.height), max(lower.bitrate, higher.bitrate)
                )
        return ladder

    # -- time --------------------------------------------------------------------------------

    def tick(self, now: float) -> bool:
        """Look at what comes; call every INTERVAL. Returns whether ``wanted`` has changed."""
        if not self.video:
            return False
        self._measure(now)
        for out in self._outs:
            if out.layer != PAUSED:
                self.switch_to(out, out.layer, now)
        if len(self.layers) > 1:
            self._choose_tap(now)
        return self._want(now)

    def _measure(self, now: float) -> None:
        elapsed = now - self._measured_at
        if elapsed < 5 * INTERVAL:
            return
        first = self._measured_at == 0.0
        self._measured_at = now
        for index, layer in enumerate(self.layers):
            octets, self._octets[index] = layer.octets - self._octets[index], layer.octets
            if not first and self._comes(index, now):
                rate = octets * 8 / elapsed
                known = self._rates[index] or rate
                self._rates[index] = known + (rate - known) * (0.5 if rate > known else 0.2)

    def _taps(self, layer: LayerForwarder) -> bool:
        return self._room.tapped is not None and (layer.tapped or layer.tap_next is not None)

    def begin_tap(self, now: float) -> bool:
        """Let a tap that has just been set have the best layer that comes, from its next key frame.

        Whoever records looks at everything, whether or not anybody else does. Returns whether
        ``wanted`` has changed by that.
        """
        if not self.video:
            return False
        target = self._best(now) or self.layers[0]
        for layer in self.layers:
            layer.tap_next = None
            if layer is not target and layer.tapped:
                layer.stop_tap()
        target.begin_tap(now)
        return self._want(now)

    def _best(self, now: float) -> LayerForwarder | None:
        """Return the best layer that comes."""
        count = len(self.layers)
        found = (self.layers[i] for i in range(count - 1, -1, -1) if self._comes(i, now))
        return next(found, None)

    def _choose_tap(self, now: float) -> None:
        """Let the tap have the best layer that comes."""
        if self._room.tapped is None:
            return
        target = self._best(now)
        if target is None:
            return
        for layer in self.layers:
            if layer is not target:
                layer.tap_next = None
        if target.tapped:
            return

        def take(extended: int, timestamp: int, now: float) -> None:
            for layer in self.layers:
                if layer.tapped:
                    layer.stop_tap()
            target.start_tap(extended, timestamp, now)

        target.tap_next = take
        target.request_key_frame(now)

    def _want(self, now: float) -> bool:
        """Find how many layers are needed; fewer only after a while in which that stays so."""
        count = len(self.layers)
        if self._room.tapped is not None:
            needed = count
        else:
            best = max((out.layer for out in self._outs), default=PAUSED)
            needed = max(min(best, count - 1) + 1, 1 if count > 1 else 0)
        if needed >= self.wanted:
            self._needed_at = now
        if needed > self.wanted:
            for index in range(self.wanted, needed):
                self._told_at[index] = now
        elif needed == self.wanted or now - self._needed_at < LINGER:
            return False
        self.wanted = needed
        return True
