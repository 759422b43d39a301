"""Which libraries that decode are in the memory of a process, used or not."""

from __future__ import annotations

import re
from pathlib import Path

_CODECS = re.compile(
    r"/av\.libs/|/site-packages/av/|/lib(av(codec|format|util|filter|device)|sw(scale|resample)"
    r"|vpx|opus|dav1d|aom|x26[45]|SvtAv1|openh264|theora|vorbis|mp3lame|webp)[^/]*$"
)


def codecs_mapped(pid: int) -> set[str]:
    """Return the files of codecs that a process has mapped, by name."""
    return {path.rpartition("/")[2] for path in paths_of_codecs(str(pid))}


def paths_of_codecs(pid: str = "self") -> set[str]:
    """Return the paths of the files of codecs that a process has mapped, this one unless said."""
    found = set()
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        path = line.partition("/")[1] + line.partition("/")[2]
        if _CODECS.search(path):
            found.add(path)
    return found
