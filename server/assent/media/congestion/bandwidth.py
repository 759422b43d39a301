"""How much one subscriber's path can carry: the send-side estimate.

Google congestion control (draft-ietf-rmcat-gcc-02): a delay-based controller that backs off when a
queue grows (``trendline.py``) and otherwise feels its way up, a loss-based one above
it, and probes. Pure: the caller has the clock and sends what a probe asks for.

Three things differ from the draft, each for a reason of forwarding:

* What we send comes in steps (layers), so that growing slowly says nothing: below the next step
  there is nothing to grow with. A *probe*, a tenth of a second of padding, shows whether the next
  step would fit. It is made only when a step is wanted, and less often after it has failed.
* Loss that stays when the rate falls is a property of the path (a bad radio), not congestion. The
  least loss of the last seconds is taken for that, and only what exceeds it counts.
* Sound is not part of it. Its packets carry no transport-wide number; whatever it takes of the
  path is seen as delay of the pictures, which give way.

Arrivals are by the receiver's clock, which may say anything. They decide what is estimated, for
this receiver alone; what is kept is bounded by count and by our own clock, and never looked at as a
whole.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from assent.media.congestion.trendline import Trendline

FIRST = 600_000
"""Bit/s at the beginning: a low layer for several people; probes follow at once."""

EVIDENCE = 10.0
"""Seconds after a sign of congestion in which the estimate is a reason to send nothing at all of a
picture. Before there was one, it only says how little has been tried."""

LEAST = 50_000  # bit/s
MOST = 50_000_000  # bit/s

STANDING = 0.150
"""Seconds by which everything may come later than it once did. A queue that stands full grows no
more, and the trendline is blind to it; sound would suffer."""

SPARED = 150_000
"""Bit/s that growing delay alone leaves: the lowest layer of one picture. A queue that stands, or
loss, takes that as well."""

DELAY_PERIOD = 10.0  # seconds; the least delay of two such periods is that of the empty path

BACK_OFF = 0.85  # "beta" of section 5.5
GROWTH = 1.08  # a second, far from what the path is known to take
HEADROOM = 1.5  # "the estimate must not exceed 1.5 times" what has arrived (section 5.5)
ACKNOWLEDGED = 0.5  # seconds over which what has arrived is measured, by the receiver's clock
REMEMBERED = 2.0  # seconds for which it is kept at most, by ours
MAX_ACKNOWLEDGED = 4096  # packets; half a second of the fastest path has 2,600

LOSS_HIGH, LOSS_LOW = 0.10, 0.02  # section 6
LOSS_OF_PATH = 0.25  # more than that is no path to send pictures on, whatever the cause
LOSS_INTERVAL = 1.0  # seconds
LOSS_MEMORY = 8  # intervals, of which the least loss is taken for that of the path

PROBE = 0.1  # seconds
PROBE_FACTOR, PROBE_FACTOR_AGAIN = 2.0, 1.5  # of the estimate; the second after one that failed
PROBE_AGAIN = 0.3  # seconds after one that showed more
PROBE_PAUSE = 2.0  # seconds after one that did not, doubled each time up to:
PROBE_PAUSE_MOST = 4.0  # seconds
PROBE_PATIENCE = 0.7  # seconds that the feedback on a probe may take
PROBE_PACKETS = 5  # that must have arrived for it to say anything


@dataclass(frozen=True, slots=True)
class Sent:
    """One packet of which feedback tells. Times in seconds, each of its own clock."""

    sent: float
    arrived: float | None  # None: lost
    size: int  # bytes


class _Probe:
    __slots__ = ("arrivals", "began", "ends", "rate", "sent_last", "sent_size")

    def __init__(self, began: float, rate: int) -> None:
        self.began = began
        self.ends = began + PROBE
        self.rate = rate
        self.arrivals: list[tuple[float, int]] = []
        self.sent_size = 0
        self.sent_last = began


class Bandwidth:
    """The estimate of one path; ``bitrate`` in bit/s, pictures only."""

    __slots__ = (
        "_acknowledged",
        "_acknowledged_size",
        "_changed_at",
        "_delays",
        "_delays_at",
        "_evident_at",
        "_expected",
        "_factor",
        "_known",
        "_loss_at",
        "_loss_limit",
        "_losses",
        "_lost",
        "_pause",
        "_probe",
        "_probe_at",
        "_reduced_at",
        "_told",
        "_trendline",
        "bitrate",
        "lost",
    )

    def __init__(self, now: float) -> None:
        self.bitrate = FIRST
        self.lost = 0.0  # 0 … 1, of the last interval
        self._told = False  # whether there is transport-wide feedback
        self._trendline = Trendline()
        self._acknowledged: deque[tuple[float, float, int]] = deque()  # arrived, told, size
        self._acknowledged_size = 0
        self._known = 0.0  # what the path took when it was full, smoothed; 0 is not known
        self._changed_at = now
        self._reduced_at = float("-inf")
        self._expected = self._lost = 0
        self._loss_at = now
        self._losses: deque[float] = deque(maxlen=LOSS_MEMORY)
        self._loss_limit = MOST
        self._probe: _Probe | None = None
        self._probe_at = now
        self._pause = PROBE_PAUSE
        self._factor = PROBE_FACTOR
        self._delays = [float("inf"), float("inf")]  # least of the last period, and of this one
        self._delays_at = now
        self._evident_at = float("-inf")

    # -- feedback ----------------------------------------------------------------------------

    def feedback(self, packets: Sequence[Sent], now: float) -> None:
        """Take transport-wide feedback: packets in the order they were sent."""
        self._told = True
        least = float("inf")
        newest = float("-inf")
        for packet in packets:
            self._expected += 1
            if packet.arrived is None:
                self._lost += 1
                continue
            newest = max(newest, packet.arrived)
            self._acknowledged.append((packet.arrived, now, packet.size))
            self._acknowledged_size += packet.size
            self._trendline.add(packet.sent, packet.arrived)
            least = min(least, packet.arrived - packet.sent)
        probe = self._probe
        if probe is not None:
            self._watch(probe, packets, now)
        self._forget(newest, now)
        self._by_delay(self._stands(least, now), now)
        self._by_loss(now)

    def _forget(self, newest: float, now: float) -> None:
        """Let go of what arrived long before the newest of this report, or was told long ago."""
        acknowledged = self._acknowledged
        while acknowledged:
            arrived, told, size = acknowledged[0]
            if (
                (abs(newest - arrived) <= ACKNOWLEDGED or newest == float("-inf"))
                and now - told <= REMEMBERED
                and len(acknowledged) <= MAX_ACKNOWLEDGED
            ):
                return
            acknowledged.popleft()
            self._acknowledged_size -= size

    def congested(self, now: float) -> bool:
        """Tell whether the path has shown of late that it cannot carry more."""
        if now - self._evident_at < EVIDENCE:
            return True
        # Who tells of probes is believed until one has shown more, or the estimate has grown.
        return self._told and self._evident_at > float("-inf") and self.bitrate < FIRST

    @property
    def acknowledged(self) -> int:
        """What has arrived lately, in bit/s."""
        if not self._acknowledged:
            return 0
        return int(self._acknowledged_size * 8 / ACKNOWLEDGED)

    def _stands(self, delay: float, now: float) -> bool:
        """Tell whether even the quickest packet came through a long queue."""
        if now - self._delays_at > DELAY_PERIOD:
            self._delays_at = now
            self._delays = [self._delays[1], float("inf")]
        self._delays[1] = min(self._delays[1], delay)
        return delay < float("inf") and delay - min(self._delays) > STANDING

    def _by_delay(self, standing: bool, now: float) -> None:
        elapsed = min(now - self._changed_at, 1.0)
        self._changed_at = now
        acknowledged = self.acknowledged
        if standing or self._trendline.state == "overuse":
            if now - self._reduced_at < 0.2:
                return  # what was done has not shown itself yet
            self._reduced_at = self._evident_at = now
            target = BACK_OFF * acknowledged
            if not standing:
                # A machine that is short of time delays as a queue does, for a moment. That alone
                # takes away no more than half, nor what little a last picture needs.
                target = max(target, self.bitrate / 2, min(self.bitrate, SPARED))
            self._known = (
                acknowledged if not self._known else (0.9 * self._known + 0.1 * acknowledged)
            )
            self._set(min(self.bitrate, int(target)))
            self._probe_at = max(self._probe_at, now + self._pause)
        elif self._trendline.state == "normal":
            most = int(HEADROOM * acknowledged) + 10_000
            if self.bitrate >= most:
                return
            near = self._known and acknowledged > 0.8 * self._known
            if near:
                # About one packet for each response time (section 5.5), which is taken as 200 ms.
                grown = self.bitrate + int(elapsed * 1200 * 8 / 0.2)
            else:
                grown = int(self.bitrate * GROWTH**elapsed) + 100
            self._set(min(grown, most))

    def _by_loss(self, now: float) -> None:
        if now - self._loss_at < LOSS_INTERVAL or self._expected < 20:
            return
        self._loss_at = now
        lost = self._lost / self._expected
        self._expected = self._lost = 0
        self._take_loss(lost, now)

    def _take_loss(self, lost: float, now: float) -> None:
        self.lost = lost
        inherent = min(LOSS_OF_PATH, min(self._losses, default=lost))
        self._losses.append(lost)
        excess = max(0.0, lost - inherent)
        if excess > LOSS_HIGH:
            self._evident_at = now
            self._loss_limit = int(min(self._loss_limit, self.bitrate) * (1 - 0.5 * excess))
        elif excess < LOSS_LOW and self._loss_limit < MOST:
            self._loss_limit = min(MOST, int(self._loss_limit * 1.05) + 1000)
        self._set(self.bitrate)

    def _set(self, bitrate: int) -> None:
        self.bitrate = min(max(min(bitrate, self._loss_limit), LEAST), MOST)

    # -- without transport-wide feedback -------------------------------------------------------

    def maximum(self, bitrate: int) -> None:
        """Take a REMB: the receiver's own estimate, used only where there is nothing better."""
        if not self._told:
            self._set(max(bitrate, LEAST))

    def report(self, lost: float, now: float) -> None:
        """Take the loss (0 … 1) of a receiver report, where there is nothing better."""
        if self._told or now - self._loss_at < LOSS_INTERVAL:
            return
        self._loss_at = now
        self._take_loss(lost, now)
        if lost < LOSS_LOW:
            self._set(int(self.bitrate * GROWTH) + 1000)

    # -- probes ------------------------------------------------------------------------------

    def probe(self, wanted: int, now: float) -> int:
        """Return the bit rate to fill up to with padding now, 0 for none; call every tick.

        ``wanted`` is what would be sent if the path could carry it.
        """
        probe = self._probe
        if probe is not None:
            if now < probe.ends:
                return probe.rate
            if now > probe.ends + PROBE_PATIENCE:
                self._probe = None
                self._conclude(probe, now)
            return 0
        # Without feedback a probe shows nothing; the first probe finds out whether there is any.
        if wanted <= self.bitrate or now < self._probe_at:
            return 0
        # The state is that of the last packets; where none are sent it says nothing any more.
        if self._trendline.state == "overuse" and now - self._changed_at < 1.0:
            return 0
        rate = int(min(self._factor * self.bitrate, 1.1 * wanted))
        self._probe = _Probe(now, rate)
        return rate

    def _watch(self, probe: _Probe, packets: Sequence[Sent], now: float) -> None:
        over = False
        for packet in packets:
            if packet.sent < probe.began:
                continue
            if packet.sent > probe.ends:
                over = True
                break
            probe.sent_size += packet.size
            probe.sent_last = max(probe.sent_last, packet.sent)
            if packet.arrived is not None:
                probe.arrivals.append((packet.arrived, packet.size))
        if over:
            self._probe = None
            self._conclude(probe, now)

    def _conclude(self, probe: _Probe, now: float) -> None:
        arrivals = sorted(probe.arrivals)
        if len(arrivals) < PROBE_PACKETS or arrivals[-1][0] - arrivals[0][0] < PROBE / 4:
            self._fail(now)
            return
        # Bytes over the time between the first and the last: those of the first came before it.
        # What leaves in one tick arrives as fast as the path can carry it, the last tick too; so
        # the sender's span gets the tick that the last burst would have filled.
        span = arrivals[-1][0] - arrivals[0][0]
        received = (sum(size for _, size in arrivals) - arrivals[0][1]) * 8 / span
        sent = probe.sent_size * 8 / PROBE
        shown = int(min(sent, received))
        if received < 0.8 * sent:
            shown = int(BACK_OFF * received)
            self._evident_at = now
            self._fail(now)
        else:
            # It has been carried, so neither a former limit nor a former loss stands against it.
            self._known = 0.0 if shown > self._known else self._known
            self._loss_limit = max(self._loss_limit, shown)
            self._pause = PROBE_PAUSE
            self._factor = PROBE_FACTOR
            self._probe_at = now + PROBE_AGAIN
        if shown > self.bitrate:
            self._set(shown)

    def _fail(self, now: float) -> None:
        self._probe_at = now + self._pause
        self._pause = min(2 * self._pause, PROBE_PAUSE_MOST)
        self._factor = PROBE_FACTOR_AGAIN
