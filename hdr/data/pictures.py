"""Pictures of anything, gray or colour, to the pictures that another moment or another camera would have taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class PictureWarp:
    """How far a picture is turned, zoomed and shifted; the draws are uniform.

    Parameters
    ----------
    rotation_deg
        Largest turn to either side, in degrees.
    zoom
        Largest share by which it is made larger or smaller.
    shift
        Largest shift along either axis, as a share of the side.
    mirror
        Chance that left and right are exchanged.
    """

    rotation_deg: float = 30.0
    zoom: float = 0.2
    shift: float = 0.1
    mirror: float = 0.5

    def scaled(self, factor: float) -> PictureWarp:
        """Return a milder warp: all but the mirror by a factor of 0 (no warp) to 1 (this one)."""
        values = {name: value * factor for name, value in asdict(self).items()}
        return PictureWarp(**{**values, "mirror": self.mirror})

    def unmirrored(self) -> PictureWarp:
        """Return the same without the mirror, for what reads from left to right."""
        return replace(self, mirror=0.0)


def augment_pictures(pictures: Pixels, seed: int | Sequence[int], warp: PictureWarp) -> Pixels:
    """Warp each picture in its own way; what comes in from outside repeats the edge.

    Parameters
    ----------
    pictures
        Shape (n, height, width) or (n, height, width, channels), ``uint8``. Left unchanged.
    seed
        One number, or several that name a stream, such as ``[seed, epoch, batch]``. The same seed gives the same warps.
    warp
        How far.

    Returns
    -------
    As ``pictures``.
    """
    rng = np.random.default_rng(seed)
    draws = rng.uniform(-1, 1, (len(pictures), 4))
    mirrored = rng.random(len(pictures)) < warp.mirror
    out = pictures.copy()
    for index, (draw, mirror) in enumerate(zip(draws, mirrored, strict=True)):
        picture = pictures[index][:, ::-1] if mirror else pictures[index]
        out[index] = _moved(np.ascontiguousarray(picture), draw, warp)
    return out


def _moved(picture: Pixels, draw: NDArray[np.float64], warp: PictureWarp) -> Pixels:
    height, width = picture.shape[:2]
    turn, zoom, right, down = (float(one) for one in draw)
    middle = (width - 1) / 2, (height - 1) / 2
    matrix = cv2.getRotationMatrix2D(middle, turn * warp.rotation_deg, 1 + zoom * warp.zoom)
    matrix[:, 2] += right * warp.shift * width, down * warp.shift * height
    moved = cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8).reshape(picture.shape)  # OpenCV drops a last axis of 1


def to_channels(pictures: Pixels, channels: int) -> Pixels:
    """Return pictures with as many channels as a model takes: gray ones repeated, colours weighed as by the eye.

    Parameters
    ----------
    pictures
        Shape (n, height, width) or (n, height, width, 1 or 3), ``uint8``, red first.
    channels
        1 or 3.

    Returns
    -------
    Shape (n, height, width, channels), ``uint8``.
    """
    pictures = pictures[..., None] if pictures.ndim == 3 else pictures
    if pictures.shape[-1] == channels:
        return pictures
    if channels == 3:
        return np.repeat(pictures, 3, axis=-1)
    return np.stack([cv2.cvtColor(one, cv2.COLOR_RGB2GRAY) for one in pictures]).astype(np.uint8)[..., None]
