"""What browsers and the server say to each other while a meeting runs."""

from assent.signalling.websocket import serve

__all__ = ["serve"]
