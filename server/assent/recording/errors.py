"""What recording raises on purpose.

::

    AssentError
    └── RecordingError
        ├── StorageStalled      the store neither took nor refused an object in time
        └── Unrecoverable       what is stored of a generation contradicts what is known of it

What the store refuses comes through as it is, a ``BlobError``. Nothing that arrives from the
network is an error here: what cannot be used is dropped and counted.
"""

from __future__ import annotations

from assent.errors import AssentError


class RecordingError(AssentError):
    """Common parent of what recording raises."""


class StorageStalled(RecordingError):
    """The store has left an object waiting for longer than people may be left in the dark."""


class Unrecoverable(RecordingError):
    """The stored objects of a generation are not those of its header."""
