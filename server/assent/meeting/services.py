"""What a meeting is given to work with."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.clock import Clock
from assent.media import Media
from assent.meeting.newcomers import Pace
from assent.meeting.relay import Relay
from assent.meeting.store import Store
from assent_vault.files.space import Space
from assent_vault.store.blobs import Blobs


@dataclass(frozen=True, slots=True)
class MeetingPolicy:
    """The settings a meeting needs; see :class:`assent.config.Settings` for each."""

    show_names: bool
    grace_seconds: float
    max_participants: int
    max_people_per_meeting: int
    retention_days: int


@dataclass(frozen=True, slots=True)
class Services:
    """What a meeting works with."""

    store: Store
    blobs: Blobs
    media: Media
    clock: Clock
    server_key: Ed25519PrivateKey
    rules: MeetingPolicy
    relay: Relay = field(default_factory=Relay)
    space: Space = field(default_factory=lambda: Space({}, 0))
    pace: Pace = field(default_factory=Pace)
