"""Every reader of FORMAT.md that there is in Python, by the name that ``grammar.json`` gives it.

Each says of bytes which code of FORMAT.md section 14.1 they have, None where they are taken. The
same in TypeScript is ``client-web/tests/readers.ts``; :class:`Client` asks that one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from assent_vault.errors import (
    FormatError,
    LogError,
    NoticeNotInForce,
    SignatureError,
    StaleStatement,
    VaultError,
)
from assent_vault.formats import charter as charters
from assent_vault.formats import room as rooms
from assent_vault.formats import statement, vault_key
from assent_vault.formats.generation_closing import verify_generation_closing
from assent_vault.formats.generation_header import GenerationHeader, parse_generation
from assent_vault.formats.suite import decode, encode
from assent_vault.ledger import checkpoint, documents, entry, proof
from assent_vault.receipt import file

Json = dict[str, Any]
_ROOT = Path(__file__).parents[2]
_NPM = (sys.executable, "hatch_build.py", "npm", "exec", "--")


@dataclass(frozen=True)
class Given:
    """What the readers are given beside the bytes: believed before them, as by section 14.1."""

    charter: charters.Charter
    enrolment: statement.Enrolment
    header: GenerationHeader

    @classmethod
    def of(cls, given: Json) -> Self:
        """Take it from ``grammar.json``."""
        charter = charters.parse(decode(given["charter"]))
        said = given["enrolment"]
        enrolment = statement.verify_enrolment(
            decode(said["document"]), decode(said["signature"]), charter
        )
        return cls(charter, enrolment, parse_generation(decode(given["header"])))


Reader = Callable[[bytes, bytes, Given], object]
READERS: Final[dict[str, Reader]] = {
    "charter": lambda body, _, __: charters.parse(body),
    "room": lambda body, _, __: rooms.parse(body),
    "vault-key": lambda body, signature, given: vault_key.verify(
        body, signature, given.charter.vault
    ),
    "enrolment": lambda body, signature, given: statement.verify_enrolment(
        body, signature, given.charter
    ),
    "answer": lambda body, signature, given: statement.verify_chained(
        body, signature, given.enrolment, given.charter, None
    ),
    "record": lambda body, _, __: entry.parse(body),
    "header": lambda body, _, __: parse_generation(body),
    "closing": lambda body, signature, given: verify_generation_closing(
        body, signature, given.charter.server, given.header, None
    ),
    "log": lambda body, _, __: documents.parse_log(body),
    "acknowledgement": lambda body, _, __: documents.parse_acknowledgement(body),
    "receipt": lambda body, _, __: file.parse(body),
    "checkpoint": lambda body, _, __: checkpoint.parse(body),
    "proof": lambda body, _, __: proof.parse(body.decode()),
}
_STATEMENTS: Final = ("enrolment", "answer")


def judge(reader: str, body: bytes, signature: bytes, given: Given) -> str | None:
    """Return the code that a reader has for bytes, None where it takes them."""
    try:
        READERS[reader](body, signature, given)
    except StaleStatement:
        return "stale-statement"
    except NoticeNotInForce:
        return "notice-not-in-force"
    except SignatureError:
        return "bad-signature"
    except (FormatError, LogError, UnicodeDecodeError):
        if reader in _STATEMENTS:
            return "bad-statement"
        return "not-a-receipt" if reader == "receipt" else "bad-document"
    except VaultError as error:
        raise AssertionError(f"a reader of documents raised {error!r}") from error
    return None


class Client:
    """The readers of the web client, in a process of their own that is asked line by line."""

    def __init__(self, folder: Path, given: Json) -> None:
        build = ["vite", "build", "--logLevel", "error", "--ssr", "tests/asked.ts"]
        subprocess.run([*_NPM, *build, "--outDir", str(folder)], cwd=_ROOT, check=True, timeout=300)
        # What it imports is looked for from where it lies.
        (folder / "node_modules").symlink_to(_ROOT / "client-web" / "node_modules")
        self._process = subprocess.Popen(
            [*_NPM, "node", str(folder / "asked.js")],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._say(given)

    def judge(self, reader: str, body: bytes, signature: bytes) -> str | None:
        """Return what the client's reader makes of bytes."""
        self._say({"reader": reader, "bytes": encode(body), "signature": encode(signature)})
        assert self._process.stdout is not None
        code: str | None = json.loads(self._process.stdout.readline())
        return code

    def _say(self, what: Json) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process: it does when nobody asks any more."""
        self._process.communicate(timeout=60)
