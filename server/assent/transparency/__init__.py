"""The server's part in the log: it signs heads, shows them, and has others bear witness."""

from assent.transparency.log_key import LogKey, load_log_key, origin_of
from assent.transparency.notary import Notary
from assent.transparency.publisher import Publisher
from assent.transparency.receipts import Receipts
from assent.transparency.witnesses import Witnesses

__all__ = [
    "LogKey",
    "Notary",
    "Publisher",
    "Receipts",
    "Witnesses",
    "load_log_key",
    "origin_of",
]
