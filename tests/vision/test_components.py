"""Components: the same as OpenCV's own statistics, whatever the ink."""

from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from hdr.vision.components import find_components, find_runs


@given(arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.booleans()))
def test_boxes_and_areas_are_those_of_opencv(mask: np.ndarray) -> None:
    found = find_components(mask)
    _, marks, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8, ltype=cv2.CV_32S)
    assert np.array_equal(found.marks, marks)
    corners = np.hstack([stats[1:, :2], stats[1:, :2] + stats[1:, 2:4]])
    assert np.array_equal(found.boxes[1:], corners)
    assert np.array_equal(found.areas[1:], stats[1:, cv2.CC_STAT_AREA])
    assert not found.boxes[0].any()
    assert found.areas[0] == 0


def test_a_run_at_the_end_of_a_row_does_not_go_on_in_the_next() -> None:
    mask = np.array([[0, 1, 1], [1, 0, 1]], np.bool_)
    assert [values.tolist() for values in find_runs(mask)] == [[0, 1, 1], [1, 0, 2], [3, 1, 3]]
