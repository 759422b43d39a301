"""Somebody before a camera, drawn: a head and shoulders in a room, swaying a little."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

WIDTH: Final = 1280
HEIGHT: Final = 720
RATE: Final = 10  # frames a second
FRAMES: Final = 20

Colour = tuple[int, int, int]
Field = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Look:
    """The colours of a person and of the room behind."""

    wall: Colour
    lamp: Colour
    skin: Colour
    hair: Colour
    clothes: Colour


LOOKS: Final = (
    Look((122, 132, 140), (226, 214, 190), (222, 178, 150), (74, 48, 34), (52, 92, 110)),
    Look((150, 138, 120), (240, 226, 196), (142, 96, 70), (28, 24, 24), (196, 160, 84)),
    Look((108, 124, 112), (214, 226, 204), (238, 200, 172), (176, 118, 64), (110, 62, 74)),
    Look((128, 120, 138), (226, 210, 226), (198, 146, 110), (46, 38, 36), (66, 88, 70)),
)


def write(path: Path, look: Look) -> None:
    """Write the frames as a file that Chromium plays as a camera."""
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420\n".encode())
        for number in range(FRAMES):
            file.write(b"FRAME\n" + _planes(_frame(look, number / FRAMES)))


def _frame(look: Look, phase: float) -> Field:
    """Return RGB of 0 … 255; ``phase`` goes from 0 to 1 and ends where it began."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    sway = 10 * np.sin(2 * np.pi * phase)
    nod = 4 * np.sin(4 * np.pi * phase)
    middle, eyes = WIDTH / 2 + sway, HEIGHT * 0.44 + nod
    light = np.exp(-(((x - WIDTH * 0.2) / 420) ** 2) - ((y - HEIGHT * 0.22) / 300) ** 2)
    picture = _mix(_flat(look.wall), look.lamp, 0.75 * light)
    shade = 1.0 - 0.25 * (y / HEIGHT)
    picture = picture * shade[..., None]
    shoulders = _ellipse(x, y, WIDTH / 2 + sway / 2, HEIGHT * 1.12, 330, 300)
    neck = _ellipse(x, y, middle, eyes + 170, 66, 130)
    head = _ellipse(x, y, middle, eyes, 118, 150)
    hair = np.maximum(
        _ellipse(x, y, middle, eyes - 46, 134, 142) * _soft(eyes - 24 - y),
        _ellipse(x, y, middle, eyes - 10, 138, 150) * _soft(eyes + 30 - y) * (1 - head),
    )
    picture = _mix(picture, _darker(look.skin, 0.86), neck)
    picture = _mix(picture, look.clothes, shoulders)
    picture = _mix(picture, look.skin, head)
    picture = _mix(picture, look.hair, hair)
    for side in (-1, 1):
        eye = _ellipse(x, y, middle + side * 44, eyes + 4, 9, 11)
        picture = _mix(picture, (40, 32, 32), eye)
    smile = _ellipse(x, y, middle, eyes + 70, 38, 20) * _soft(y - eyes - 72)
    return _mix(picture, _darker(look.skin, 0.62), smile)


def _ellipse(x: Field, y: Field, left: float, top: float, wide: float, high: float) -> Field:
    """Return how much of each pixel lies within, its edge two pixels soft."""
    distance = np.sqrt(((x - left) / wide) ** 2 + ((y - top) / high) ** 2)
    return _soft((1 - distance) * np.float32(min(wide, high)))


def _soft(distance: Field) -> Field:
    soft: Field = np.clip(distance / 2 + 0.5, 0, 1)
    return soft


def _flat(colour: Colour) -> Field:
    return np.broadcast_to(np.array(colour, np.float32), (HEIGHT, WIDTH, 3))


def _darker(colour: Colour, share: float) -> Colour:
    red, green, blue = (round(part * share) for part in colour)
    return red, green, blue


def _mix(under: Field, over: Colour, share: Field) -> Field:
    mixed: Field = under + (np.array(over, np.float32) - under) * share[..., None]
    return mixed


def _planes(rgb: Field) -> bytes:
    """Return the three planes of BT.601, chroma at half the size."""
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    luma = 16 + 0.257 * red + 0.504 * green + 0.098 * blue
    planes = [luma]
    for plane in (
        128 - 0.148 * red - 0.291 * green + 0.439 * blue,
        128 + 0.439 * red - 0.368 * green - 0.071 * blue,
    ):
        planes.append(plane.reshape(HEIGHT // 2, 2, WIDTH // 2, 2).mean((1, 3)))
    return b"".join(np.clip(plane, 0, 255).astype(np.uint8).tobytes() for plane in planes)
