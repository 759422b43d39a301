"""Assent: private meetings that record only what everyone present has agreed to."""
