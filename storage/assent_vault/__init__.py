"""Sealed storage, consent evidence and the gate of Assent."""
