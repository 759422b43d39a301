"""Codecs cut out of a process: whatever decodes or encodes in it afterwards ends it at once.

In the place of each function that does, in each library that is mapped, an instruction is written
that there is not. Nothing can be caught of it: the process dies by SIGILL.
"""

from __future__ import annotations

import ctypes
import mmap
import platform
from pathlib import Path

from support.mapped import paths_of_codecs

FUNCTIONS = (
    *("avcodec_send_packet", "avcodec_receive_frame", "avcodec_send_frame"),
    *("avcodec_receive_packet", "avcodec_decode_subtitle2", "swr_convert", "sws_scale"),
    *("opus_decoder_create", "opus_decode", "opus_encoder_create", "opus_encode"),
    *("vpx_codec_decode", "vpx_codec_encode"),
)
_UNDEFINED = {"x86_64": b"\x0f\x0b", "aarch64": bytes(4)}  # ud2, udf
_ALL = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC


def cut_out() -> set[str]:
    """Do so in this process, in all that is mapped by now; return the functions found."""
    undefined = _UNDEFINED[platform.machine()]
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    found = set()
    for path in paths_of_codecs():
        try:
            library = ctypes.CDLL(path)
        except OSError:
            continue  # no library, but an extension module of Python's
        for name in FUNCTIONS:
            try:
                function = getattr(library, name)
            except AttributeError:
                continue
            at = ctypes.cast(function, ctypes.c_void_p).value or 0
            page = at // mmap.PAGESIZE * mmap.PAGESIZE
            if libc.mprotect(page, 2 * mmap.PAGESIZE, _ALL):
                raise OSError(ctypes.get_errno(), "the code cannot be changed")
            ctypes.memmove(at, undefined, len(undefined))
            found.add(name)
    return found


def _main() -> None:
    """Be the vault's command, with its codecs cut out."""
    import sys

    import av

    from assent_vault.cli import main
    from assent_vault.hearing.decoder import _library

    assert Path(av.__file__).is_file(), "the libraries are there to be cut out of"
    ctypes.CDLL(_library())
    cut = cut_out()
    assert {*FUNCTIONS[:4], "opus_decode"} <= cut, cut
    sys.exit(main())


if __name__ == "__main__":
    _main()
