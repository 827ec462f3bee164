"""An ink mask to its connected components: a label image, and the box and the pixels of each."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Components:
    """The connected ink of a mask.

    Parameters
    ----------
    marks
        Shape (height, width), ``int32``: the number of the component that each pixel belongs to, 0 for paper.
    boxes
        Shape (components + 1, 4), ``int64``: x0, y0, x1, y1 of each, half-open; all zero for the paper.
    areas
        Shape (components + 1,), ``int64``: pixels of ink; 0 for the paper.
    """

    marks: NDArray[np.int32]
    boxes: NDArray[np.int64]
    areas: NDArray[np.int64]


def find_components(mask: NDArray[np.bool_]) -> Components:
    """Find what is connected, corners included.

    Only where a run of ink begins and ends is looked at for the boxes and areas: paper, which is most of a page, costs
    OpenCV's own statistics several times what the labels do.

    Parameters
    ----------
    mask
        Shape (height, width), ``bool``.
    """
    count, found = cv2.connectedComponents(mask.view(np.uint8), connectivity=8, ltype=cv2.CV_32S)
    marks = np.asarray(found, np.int32)
    y, x0, x1 = find_runs(mask)
    owner = marks[y, x0]
    boxes = np.zeros((count, 4), np.int64)
    boxes[1:, :2] = max(mask.shape)
    for column, (least, values) in enumerate(((True, x0), (True, y), (False, x1), (False, y + 1))):
        (np.minimum if least else np.maximum).at(boxes[:, column], owner, values)
    areas = np.bincount(owner, weights=x1 - x0, minlength=count).astype(np.int64)
    return Components(marks, boxes, areas)


def find_runs(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Find the horizontal runs of ink, row by row: the row of each, where it begins, and where it has ended."""
    height, width = mask.shape[0], mask.shape[1] + 1  # a column of paper parts the rows
    flat = np.zeros(1 + height * width, np.bool_)
    flat[1:].reshape(height, width)[:, :-1] = mask
    edges = np.flatnonzero(flat[1:] != flat[:-1])
    begins, ends = edges[::2], edges[1::2]
    y, x0 = np.divmod(begins, width)
    return y, x0, x0 + ends - begins
