"""The server's part in the log: it signs heads, shows them, and has others bear witness."""

from assent.transparency.log_key import LogKey, load_log_key, origin_of, replace_log_key
from assent.transparency.notary import Notary
from assent.transparency.publisher import LogPublisher
from assent.transparency.receipts import Receipts
from assent.transparency.witnesses import Witnesses

__all__ = [
    "LogKey",
    "LogPublisher",
    "Notary",
    "Receipts",
    "Witnesses",
    "load_log_key",
    "origin_of",
    "replace_log_key",
]
