"""Documents in Markdown, taken apart into the paragraphs and sentences that people read.

A paragraph is what stands between blank lines, an item of a list, or a row of a table. Headings,
pictures and the ``%%`` marks of notices say nothing; a block of code is one sentence, known by its
language and first line, for what is in it is read by whatever carries it out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_ITEM = re.compile(r"(?:-|\d+\.) +")
_RULE = re.compile(r"[|\s:-]+")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
# A sentence ends where another one begins, or something that is quoted or code.
_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`“\"])|(?<=[.!?]\))\s+(?=[A-Z`“\"])")

# Digits of any script, with what groups or divides them.
_FIGURE = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?(?![\w]|\.\d)")
_CODE = re.compile(r"`[^`]*`")
_WORDS: Final = {
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "fifty": 50,
    "hundred": 100,
    "thousand": 1000,
}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What one reads in one go: its text without marks, and the heading it stands under."""

    text: str
    heading: str
    code: str = ""  # of a block of code, what is in it

    @property
    def sentences(self) -> list[str]:
        """Its sentences; a row of a table and a block of code are one each."""
        if self.code or " | " in self.text:
            return [self.text]
        return _END.split(self.text)


def paragraphs(document: str) -> list[Paragraph]:
    """Return what a document says, in its order."""
    return list(_paragraphs(document))


def _paragraphs(document: str) -> Iterator[Paragraph]:
    heading = ""
    gathered: list[str] = []
    block: list[str] | None = None
    for line in [*document.split("\n"), ""]:
        text = line.strip()
        if block is not None:
            if text == "```":
                yield Paragraph(plain(f"{block[0]}: {block[1]}"), heading, "\n".join(block[1:]))
                block = None
            else:
                block.append(line)
            continue
        item = _ITEM.match(text)
        apart = not text or text.startswith(("#", "!", "|", "%%", "```", "---"))
        if gathered and (apart or item):
            yield Paragraph(plain(" ".join(gathered)), heading)
            gathered = []
        if text.startswith("#"):
            heading = text.lstrip("# ")
        elif text.startswith("```"):
            block = [text[3:]]
        elif text.startswith("|"):
            if not _RULE.fullmatch(text):
                yield Paragraph(plain(text.strip("| ")), heading)
        elif not apart:
            gathered.append(text[item.end() :] if item else text)


def plain(text: str) -> str:
    """Return a text without links and emphasis, its white space folded."""
    return " ".join(_LINK.sub(r"\1", text).replace("*", "").split())


def emphasised(document: str) -> list[str]:
    """Return what stands in single asterisks: the names of buttons, as they are on the page."""
    return re.findall(
        r"(?<![*\w])\*([^*\n]+)\*(?!\*)", re.sub(r"```.*?```", "", document, flags=re.S)
    )


def figures(text: str) -> list[tuple[str, float]]:
    """Return the numbers in a text as they stand there and as what they are, from left to right.

    In digits of any script, or in English words from *two* on: *one* is no number most of the time.
    What stands in code is a name, or compared as what it is.
    """
    text = _CODE.sub("``", text)
    found = [(match.start(), match[0], _digits(match[0])) for match in _FIGURE.finditer(text)]
    found += [
        (match.start(), match[0], float(_WORDS[match[0].lower()]))
        for match in re.finditer(r"(?i)\b(?:" + "|".join(_WORDS) + r")\b", text)
    ]
    return [(word, number) for _, word, number in sorted(found)]


def _digits(text: str) -> float:
    """Read 1,000 and 1.5, in any script."""
    return float(
        "".join(str(int(each)) if each.isdigit() else each for each in text if each != ",")
    )
