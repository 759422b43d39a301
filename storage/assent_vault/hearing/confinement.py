"""Takes from a process all that it does not need: files, network, other processes, memory.

Limits that nobody can raise again hold everywhere. On Linux, on the processors listed, the kernel
also refuses every call but those that read and write what is open, and manage memory (seccomp).
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import sys
from pathlib import Path
from struct import pack
from typing import Final

MEMORY: Final = 128 << 20
"""Bytes that it may have besides what it has when it is confined."""

_PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 4, 22, 38  # linux/prctl.h
_FILTER: Final = 2  # SECCOMP_MODE_FILTER
_LOAD, _EQUAL, _LESS, _RETURN = 0x20, 0x15, 0x35, 0x06  # BPF_LD|W|ABS, JEQ, JGE, RET (linux/bpf.h)
_ALLOW: Final = 0x7FFF_0000  # linux/seccomp.h
_REFUSE: Final = 0x0005_0000 | 1  # with EPERM
_KILL: Final = 0x8000_0000
_NUMBER_AT, _MACHINE_AT = 0, 4  # struct seccomp_data
_X32: Final = 0x4000_0000  # calls of another numbering begin there

# read, write, close, fstat, lseek, mmap, mprotect, munmap, brk, mremap, madvise, rt_sigaction,
# rt_sigprocmask, rt_sigreturn, sigaltstack, sched_yield, getpid, futex, clock_gettime, getrandom,
# restart_syscall, exit, exit_group. Of each processor: AUDIT_ARCH (linux/audit.h), and the numbers.
_CALLS: Final = {
    "x86_64": (
        0xC000_003E,
        *(0, 1, 3, 5, 8, 9, 10, 11, 12, 25, 28, 13),
        *(14, 15, 131, 24, 39, 202, 228, 318, 219, 60, 231),
    ),
    "aarch64": (
        0xC000_00B7,
        *(63, 64, 57, 80, 62, 222, 226, 215, 214, 216, 233, 134),
        *(135, 139, 132, 124, 172, 98, 113, 278, 128, 93, 94),
    ),
}


def confine(seconds: int, memory: int = MEMORY) -> bool:
    """Give up everything, for good; ``seconds`` is what it may have of the processor.

    What is to be used later must be loaded by now. Tells whether the kernel filters calls, too:
    on other systems than Linux, and other processors, it does not. Raises OSError where it should
    and will not.
    """
    for limit, most in (
        (resource.RLIMIT_AS, _used() + memory),
        (resource.RLIMIT_CORE, 0),  # what was said would be in it
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),  # those that are open stay; none can be opened
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(limit, (most, most))
    return _filter()


def _used() -> int:
    """Return how many bytes of addresses it has."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (OSError, ValueError):
        return 1 << 30  # another system than Linux
    return pages * os.sysconf("SC_PAGE_SIZE")


def _filter() -> bool:
    """Have the kernel refuse all other calls."""
    known = _CALLS.get(platform.machine())
    if known is None or not sys.platform.startswith("linux"):
        return False
    machine, *numbers = known
    allow = [(_EQUAL, 0, 1, number) for number in numbers]
    program = [
        (_LOAD, 0, 0, _MACHINE_AT),
        (_EQUAL, 1, 0, machine),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_LESS, 0, 1, _X32),
        (_RETURN, 0, 0, _KILL),
    ]
    for one in allow:
        program += [one, (_RETURN, 0, 0, _ALLOW)]
    program.append((_RETURN, 0, 0, _REFUSE))
    written = b"".join(pack("HBBI", *one) for one in program)
    held = ctypes.create_string_buffer(written, len(written))
    head = pack("HP", len(program), ctypes.addressof(held))
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value, more in (
        (_PR_SET_DUMPABLE, 0, None),  # nobody of the same user looks into it
        (_PR_SET_NO_NEW_PRIVS, 1, None),  # without which only root may filter
        (_PR_SET_SECCOMP, _FILTER, head),
    ):
        if libc.prctl(option, ctypes.c_ulong(value), more, ctypes.c_ulong(0), ctypes.c_ulong(0)):
            # Nothing is decoded where it could be confined and is not.
            raise OSError(ctypes.get_errno(), "the kernel does not filter calls")
    return True
