"""HTTP: pages, accounts, meetings, receipts, the console, and the headers that guard them."""

from assent.web.accounts import Accounts
from assent.web.client_files import ClientFiles
from assent.web.context import MAX_SOCKETS, MAX_SOCKETS_EACH, Context
from assent.web.invitations import invitation_url
from assent.web.limits import HeldPlaces, Limiter
from assent.web.notices import Notices
from assent.web.passwords import Passwords
from assent.web.routes import build

__all__ = [
    "MAX_SOCKETS",
    "MAX_SOCKETS_EACH",
    "Accounts",
    "ClientFiles",
    "Context",
    "HeldPlaces",
    "Limiter",
    "Notices",
    "Passwords",
    "build",
    "invitation_url",
]
