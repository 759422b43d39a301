"""Publishes moving pictures and a tone with FFmpeg's own WHIP muxer, until it is ended.

Run as a program: it waits inside FFmpeg for the server's answer, and would keep others from theirs.
Arguments: the address, the token, the H.264 profile, and a folder for a certificate: FFmpeg over
GnuTLS makes itself one over P-224, which today's OpenSSL knows nothing of.
"""

from __future__ import annotations

import sys
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from support.certificates import write_certificate

WIDTH, HEIGHT, RATE, SAMPLES = 320, 240, 15, 960


def publish(url: str, token: str, profile: str, folder: str) -> None:
    """Publish in real time."""
    certificate, key = write_certificate(Path(folder))
    options = {"authorization": token, "cert_file": str(certificate), "key_file": str(key)}
    with av.open(url, "w", format="whip", options=options) as out:
        fast = {
            "profile": profile,
            "preset": "ultrafast" if profile == "baseline" else "fast",
            "tune": "zerolatency",
        }
        video = out.add_stream("libx264", rate=RATE, options=fast)
        video.width, video.height, video.pix_fmt, video.gop_size = WIDTH, HEIGHT, "yuv420p", RATE
        audio = out.add_stream("libopus", rate=48_000)
        audio.layout = "stereo"
        began = time.monotonic()
        sounds = 0
        for number in range(10**6):
            picture = np.full((HEIGHT, WIDTH, 3), number * 7 % 256, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            out.mux(video.encode(frame))
            while sounds * SAMPLES / 48_000 < (number + 1) / RATE:
                phase = (np.arange(SAMPLES) + sounds * SAMPLES) * 440 * 2 * np.pi / 48_000
                wave = np.repeat((np.sin(phase) * 8000).astype(np.int16), 2)[np.newaxis]
                sound = av.AudioFrame.from_ndarray(wave, format="s16", layout="stereo")
                sound.sample_rate, sound.pts = 48_000, sounds * SAMPLES
                sound.time_base = Fraction(1, 48_000)
                out.mux(audio.encode(sound))
                sounds += 1
            time.sleep(max(0.0, began + (number + 1) / RATE - time.monotonic()))


if __name__ == "__main__":
    publish(*sys.argv[1:])
