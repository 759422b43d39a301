"""A register of what documents claim: for each sentence, the code behind it and the tests.

``tests/claims/*.toml`` has one file for each document. A row is::

    [[claim]]
    says = "What stands in the document, a sentence or several, letter for letter without marks."
    by = ["assent.consent.capture:Capture", "client-web/src/store/seats.ts:Seats", "Makefile:run"]
    shown = ["assent/consent/test_capture.py::test_the_end_is_the_end"]
    figures = { "four" = "assent.signalling.wire:LEAST_COUNTED" }

``by`` names what carries it out: a module and what is in it, a file of the client and what it
declares, a target of the Makefile, or a file. ``shown`` names tests that fail where it is not so; a
test of the client is its file and its title, ``contract:`` a rule of import-linter.

Every number in a claim is in ``figures`` with the constant that it must equal:
``"module:NAME"``, or ``"module:NAME / 3600"`` where that counts in another unit. What looks like a
number and is a name goes into ``names``; what was measured says with which command in ``measured``.

A sentence that says nothing of what Assent does has ``says_of`` in place of all that: ``you`` (what
the reader is to do), ``others`` (other programs, the world), or ``more`` (it announces or sums up
what stands beside it, in rows of their own).
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import hashlib
import importlib
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from support import prose

ROOT: Final = Path(__file__).resolve().parents[2]
REGISTERS: Final = ROOT / "tests" / "claims"
SAYS_OF: Final = ("you", "others", "more")


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row."""

    says: str
    by: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    figures: Mapping[str, str] = {}
    names: tuple[str, ...] = ()
    measured: str = ""
    says_of: str = ""

    @property
    def sentences(self) -> list[str]:
        """What it is about, sentence by sentence."""
        return prose.Paragraph(" ".join(self.says.split()), "").sentences


def register(name: str) -> list[Claim]:
    """Read a register by the name of its document."""
    rows = tomllib.loads((REGISTERS / f"{name}.toml").read_text())["claim"]
    return msgspec.convert(rows, list[Claim])


def looked_at(name: str) -> dict[str, dict[str, str]]:
    """Return the digests of a document's paragraphs, by how each begins in English."""
    found: dict[str, dict[str, str]] = tomllib.loads((REGISTERS / "read.toml").read_text())[name]
    return found


def digest(text: str) -> str:
    """Return what tells one wording of a paragraph from another."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


# ------------------------------------------------------------------ what carries something out


def is_there(name: str) -> bool:
    """Whether what a row names in ``by`` exists."""
    place, _, what = name.partition(":")
    if place == "Makefile":
        return bool(re.search(rf"^{re.escape(what)}(?: [^:]*)?:", _text("Makefile"), re.MULTILINE))
    if place == "contract":
        return what in _contracts()
    if (ROOT / place).is_file():
        return not what or _declares(place, what)
    try:
        resolve(name)
    except (ImportError, AttributeError):
        return False
    return True


def resolve(name: str) -> Any:
    """Return what ``module:qualified.name`` is; of a field of a dataclass, its default."""
    module, _, path = name.partition(":")
    found: Any = importlib.import_module(module)
    for part in filter(None, path.split(".")):
        fields = dataclasses.fields(found) if dataclasses.is_dataclass(found) else ()
        named = [field for field in fields if field.name == part]
        found = named[0].default if named else getattr(found, part)
    return found


def number(expression: str) -> float:
    """Return what ``module:NAME`` or ``module:NAME / 1000`` is, or what was measured last.

    ``results:people.people`` is that of the newest figures of ``make bench-sfu``.
    """
    name, _, divisor = expression.partition(" / ")
    if name.startswith("results:"):
        newest = max((ROOT / "tests" / "bench" / "results").glob("sfu-*.json"))
        found = json.loads(newest.read_text())["figures"]
        for part in name.removeprefix("results:").split("."):
            found = found[part]
    else:
        found = resolve(name)
    return float(found) / float(divisor or 1)


_DECLARATION: Final = (
    r"^\s*(?:(?:export|async|default|abstract|private|readonly|get) )*"
    r"(?:(?:function\*?|const|class|interface|type) )?{}\b\s*[(<=:{{]"
)


def _declares(path: str, what: str) -> bool:
    if path.endswith((".ts", ".tsx")):
        return bool(re.search(_DECLARATION.format(re.escape(what)), _text(path), re.MULTILINE))
    return what in _text(path)


def _text(path: str) -> str:
    return (ROOT / path).read_text()


@functools.cache
def _contracts() -> frozenset[str]:
    settings = tomllib.loads(_text("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    return frozenset(each["id"] for each in settings)


# ------------------------------------------------------------------ what shows it


def is_shown(name: str) -> bool:
    """Whether a test that a row or a table names is there and would be collected."""
    if name.startswith("contract:"):
        return is_there(name)
    title = re.fullmatch(r'(client-web/\S+\.test\.tsx?) "([^"]+)"', name)
    if title is not None:
        return re.search(rf'\(\s*"{re.escape(title[2])}"', _text(title[1])) is not None
    path, _, function = name.partition("::")
    file = ROOT / "tests" / path
    return file.is_file() and file.name.startswith("test_") and function in _functions(file)


@functools.cache
def _functions(file: Path) -> frozenset[str]:
    """Return the tests of a module; parsed, because importing some takes a browser."""
    return frozenset(
        node.name
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    )
