"""Checkpoints and proofs (FORMAT.md sections 12 and 13): lines, names, numbers, and how many."""

from __future__ import annotations

import base64
import hashlib

from vectors.grammar_bench import Bench, Pieces

BAD = "bad-document"
ROOT = base64.b64encode(bytes(range(32))).decode()
SHORT = base64.b64encode(bytes(31)).decode()
EMPTY_ROOT = base64.b64encode(hashlib.sha256(b"").digest()).decode()
TEXT = f"log.example\n20\n{ROOT}\n"
LINE = "\u2014 log.example AAAAAAA=\n"
NOTE = f"{TEXT}\n{LINE}"
NOTE_BYTES = 64 * 1024
PROOF_BYTES = 80 * 1024

# The property White_Space of Unicode, all of it.
SPACES = (
    *(chr(code) for code in range(0x09, 0x0E)), "\x20", "\x85", "\xa0", "\u1680",
    *(chr(code) for code in range(0x2000, 0x200B)), "\u2028", "\u2029", "\u202f", "\u205f",
    "\u3000",
)  # fmt: skip
# What one or another library takes for a space, and is none; and what else a name may have.
NO_SPACES = ("\x7f", "\u180e", "\u200b", "\u2060", "\ufeff", "\u00e9", "\U0001f600", "\u2014")


def add_to(bench: Bench) -> None:
    """Add the cases of this file."""
    _names(bench)
    _texts(bench)
    _signatures(bench)
    _proofs(bench)


def _note(bench: Bench, name: str, note: str, code: str | None) -> None:
    bench.add("checkpoint", name, note.encode(), code)


def _names(bench: Bench) -> None:
    for space in SPACES:
        name = f"U+{ord(space):04X} in a name"
        _note(bench, name, NOTE + LINE.replace("log.", f"log{space}."), BAD)
    for sign in NO_SPACES:
        name = f"U+{ord(sign):04X} in a name"
        _note(bench, name, NOTE + LINE.replace("log.", f"log{sign}."), None)
    _note(bench, "a plus in a name", NOTE + LINE.replace("log.", "log+."), BAD)
    _note(bench, "no name", NOTE + LINE.replace("log.example", ""), BAD)
    _note(bench, "a name of 300 characters", NOTE + LINE.replace("log.example", "a" * 300), None)
    for name, origin, code in (
        ("of 200 characters", "a" * 200, None),
        ("of 201 characters", "a" * 201, BAD),
        ("with a plus", "log+1", BAD),
        ("with a space", "log 1", BAD),
        ("of none", "", BAD),
        ("with another letter", "l\u00f6g", BAD),
    ):
        _note(bench, f"an origin {name}", NOTE.replace("log.example\n", f"{origin}\n", 1), code)


def _texts(bench: Bench) -> None:
    def size(number: str) -> str:
        return NOTE.replace("\n20\n", f"\n{number}\n", 1)

    for number, code in (
        ("1", None),
        ("9007199254740991", None),
        ("9007199254740992", BAD),
        ("020", BAD),
        ("+20", BAD),
        ("-1", BAD),
        ("2e1", BAD),
        ("", BAD),
        (" 20", BAD),
        ("\u0662\u0660", BAD),
    ):
        _note(bench, f"the size {number!a}", size(number), code)
    _note(bench, "an empty tree", size("0").replace(ROOT, EMPTY_ROOT, 1), None)
    _note(bench, "an empty tree with a root", size("0"), BAD)
    for name, root in (
        ("of 31 bytes", SHORT),
        ("of 33 bytes", base64.b64encode(bytes(33)).decode()),
        ("without padding", ROOT.rstrip("=")),
        ("with a bit too many", ROOT[:-2] + chr(ord(ROOT[-2]) + 1) + "="),
        ("in base64url", base64.urlsafe_b64encode(b"\xff" * 32).decode()),
        ("of none", ""),
    ):
        _note(bench, f"a root {name}", NOTE.replace(ROOT, root, 1), BAD)
    for name, note, code in (
        ("a fourth line", NOTE.replace(f"{ROOT}\n", f"{ROOT}\nmore\n"), None),
        ("a fourth line that is empty", NOTE.replace(f"{ROOT}\n", f"{ROOT}\n\nmore\n"), BAD),
        ("two lines", NOTE.replace(f"{ROOT}\n", "", 1), BAD),
        ("a carriage return", NOTE.replace("\n20\n", "\r\n20\n"), BAD),
        ("a tab", NOTE.replace(f"{ROOT}\n", f"{ROOT}\na\tb\n"), BAD),
        ("a null", NOTE.replace(f"{ROOT}\n", f"{ROOT}\na\0b\n"), BAD),
        ("U+007F in a line of the text", NOTE.replace(f"{ROOT}\n", f"{ROOT}\na\x7fb\n"), None),
        ("no signature", TEXT, BAD),
        ("an empty line and no signature", f"{TEXT}\n", BAD),
        ("no newline at the end", NOTE[:-1], BAD),
        ("an empty line at the end", f"{NOTE}\n", BAD),
        ("nothing", "", BAD),
    ):
        _note(bench, name, note, code)
    bench.add("checkpoint", "not UTF-8", NOTE.replace("20", "20\n").encode() + b"\xff\n", BAD)
    for name, size_, code in (
        ("64 KiB", NOTE_BYTES, None),
        ("64 KiB and a byte", NOTE_BYTES + 1, BAD),
    ):
        before, after = TEXT.encode(), f"\n\n{LINE}".encode()
        pieces: Pieces = [(before, 1), (b"a", size_ - len(before) - len(after)), (after, 1)]
        bench.add("checkpoint", name, pieces, code)


def _signatures(bench: Bench) -> None:
    for count, code in ((1, None), (16, None), (64, None), (65, BAD)):
        pieces: Pieces = [(f"{TEXT}\n".encode(), 1), (LINE.encode(), count)]
        bench.add("checkpoint", f"signature lines: {count}", pieces, code)
    for name, line, code in (
        ("of a key ID and a byte", LINE, None),
        ("of a key ID alone", LINE.replace("AAAAAAA=", "AAAAAA=="), BAD),
        ("of nothing", LINE.replace("AAAAAAA=", ""), BAD),
        ("without padding", LINE.replace("=", ""), BAD),
        ("with a bit too many", LINE.replace("AAAAAAA=", "AAAAAAB="), BAD),
        ("with a space after it", LINE.replace("\n", " \n"), BAD),
        ("with two spaces", LINE.replace("example ", "example  "), BAD),
        ("with a hyphen", LINE.replace("\u2014", "-"), BAD),
        ("with no space first", LINE.replace("\u2014 ", "\u2014"), BAD),
    ):
        _note(bench, f"a signature {name}", NOTE + line, code)


def _proofs(bench: Bench) -> None:
    def proof(head: str, hashes: int = 0, note: str = NOTE) -> bytes:
        return "\n".join([head, *[ROOT] * hashes, "", note]).encode()

    first = "c2sp.org/tlog-proof@v1"
    for name, body, code in (
        ("of no hash", proof(f"{first}\nindex 7"), None),
        ("of 63 hashes", proof(f"{first}\nindex 7", 63), None),
        ("of 64 hashes", proof(f"{first}\nindex 7", 64), BAD),
        ("index 0", proof(f"{first}\nindex 0"), None),
        ("index 2^53 - 1", proof(f"{first}\nindex 9007199254740991"), None),
        ("index 2^53", proof(f"{first}\nindex 9007199254740992"), BAD),
        ("index 07", proof(f"{first}\nindex 07"), BAD),
        ("index -1", proof(f"{first}\nindex -1"), BAD),
        ("index of none", proof(f"{first}\nindex "), BAD),
        ("index with two spaces", proof(f"{first}\nindex  7"), BAD),
        ("no index", proof(first), BAD),
        ("an extra line of a byte", proof(f"{first}\nextra YQ==\nindex 7"), None),
        ("an extra line of nothing", proof(f"{first}\nextra \nindex 7"), BAD),
        ("an extra line without a space", proof(f"{first}\nextra\nindex 7"), BAD),
        ("an extra line without padding", proof(f"{first}\nextra YQ\nindex 7"), BAD),
        ("an extra line with a bit too many", proof(f"{first}\nextra YR==\nindex 7"), BAD),
        ("an extra line in base64url", proof(f"{first}\nextra _w==\nindex 7"), BAD),
        ("an extra line with a space", proof(f"{first}\nextra YQ== \nindex 7"), BAD),
        ("an extra line of another letter", proof(f"{first}\nextra \u00e9A==\nindex 7"), BAD),
        ("two extra lines", proof(f"{first}\nextra YQ==\nextra YQ==\nindex 7"), BAD),
        ("an extra line after the index", proof(f"{first}\nindex 7\nextra YQ=="), BAD),
        ("Extra", proof(f"{first}\nExtra YQ==\nindex 7"), BAD),
        ("of version 2", proof("c2sp.org/tlog-proof@v2\nindex 7"), BAD),
        ("a line before it", proof(f"\n{first}\nindex 7"), BAD),
        ("carriage returns", proof(f"{first}\r\nindex 7\r"), BAD),
        (
            "a hash of 31 bytes",
            proof(f"{first}\nindex 7\n{base64.b64encode(bytes(31)).decode()}"),
            BAD,
        ),
        ("a hash in base64url", proof(f"{first}\nindex 7\n{'_' * 42}8="), BAD),
        ("two empty lines", proof(f"{first}\nindex 7", note=f"\n{NOTE}"), BAD),
        ("no checkpoint", proof(f"{first}\nindex 7", note=""), BAD),
        ("an empty line short", f"{first}\nindex 7\n{NOTE}".encode(), BAD),
        ("a checkpoint that is none", proof(f"{first}\nindex 7", note=NOTE[:-1]), BAD),
    ):
        bench.add("proof", name, body, code)
    # 4 letters stand for 3 bytes, so that the rest is made up by the lines of the text.
    for name, size, code in (
        ("80 KiB", PROOF_BYTES, None),
        ("80 KiB and a byte", PROOF_BYTES + 1, BAD),
    ):
        head, tail = f"{first}\nextra ".encode(), f"\nindex 7\n\n{TEXT}".encode()
        room = size - len(head) - len(tail) - len(f"\n\n{LINE}".encode())
        pieces: Pieces = [
            (head, 1),
            (b"AAAA", room // 4 - 1),
            (tail, 1),
            (b"a", 4 + room % 4),
            (f"\n\n{LINE}".encode(), 1),
        ]
        bench.add("proof", name, pieces, code)
