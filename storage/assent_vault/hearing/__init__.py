"""Decoding of sound: in a process of its own, which has no key and can open no file.

What people have sent may be made to break a decoder. So it is decoded here alone, in a child of the
vault's worker (``export/speech.py``): it is given packets by a pipe, says by another who speaks
when in them, and gives them back as FLAC where that is asked for (``export/pcm.py``). It can do
nothing else (``confinement``). Nothing here knows the rest of the vault.
"""
