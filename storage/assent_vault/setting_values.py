"""How the value of a setting is read: a given value in, the setting out, or a Mistake.

Values come from TOML with their types, and from the environment as text. What a mistake says never
repeats a value whole: somebody may have put a password into the wrong key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def doc(text: str) -> dict[str, str]:
    """Say what a setting means, as a field's metadata; ``check-config --keys`` prints it."""
    return {"doc": text}


class Mistake(Exception):
    """What is wrong with one value, as the end of a sentence that begins with its key."""


def number(least: int, most: int) -> Callable[[Any], int]:
    """A whole number in a range."""

    def parse(value: Any) -> int:
        if isinstance(value, str) and value.isascii() and value.strip().isdigit():
            value = int(value) if len(value) < 20 else most + 1
        if isinstance(value, bool) or not isinstance(value, int):
            raise Mistake(f"must be a whole number from {least} to {most}")
        if not least <= value <= most:
            raise Mistake(f"must be from {least} to {most}")
        return value

    return parse


def one_of(*choices: str) -> Callable[[Any], str]:
    """One of a few words."""

    def parse(value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            raise Mistake(f"must be one of {', '.join(choices)}")
        return value

    return parse
