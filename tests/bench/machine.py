"""Which machine a result is from."""

from __future__ import annotations

import datetime as dt
import os
import platform
import ssl
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

URGENT = -10


def before_others(pid: int) -> None:
    """Give a process priority, and its session; raises OSError if that is not ours to do.

    Linux lets sessions share the processor evenly, whatever the priorities in them, unless it is
    told of the session as well.
    """
    os.setpriority(os.PRIO_PROCESS, pid, URGENT)
    group = Path(f"/proc/{pid}/autogroup")
    if group.exists():
        group.write_text(str(URGENT))


def describe() -> dict[str, Any]:
    """Return what a reader needs to know in order to compare."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    cpu = next((line.partition(":")[2].strip() for line in lines if "model name" in line), "?")
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    libraries = {}
    for name in ("aiortc", "cryptography", "pylibsrtp", "uvloop"):
        try:
            libraries[name] = version(name)
        except PackageNotFoundError:
            libraries[name] = "none"
    return {
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "cpu": cpu,
        "cores": os.cpu_count(),
        "virtual": "hypervisor" in flags,
        "vaes": "vaes" in flags,
        "kernel": platform.release(),
        "python": platform.python_version(),
        "openssl": ssl.OPENSSL_VERSION,
        "load_before": round(os.getloadavg()[0], 2),
        **libraries,
    }
