"""How long a person waits: for the first reading of a fresh process, and for the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hdr.bench.process import Comparison, compare, peak_memory_mb, run_python

# What a tutorial's program does for one photograph: import Keras, load the model, find by contours, predict.
_KERAS_READ = """
import sys
import cv2, keras, numpy as np
model = keras.models.load_model(sys.argv[1])
gray = cv2.imread(sys.argv[2], cv2.IMREAD_GRAYSCALE)
_, mask = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
boxes = [box for box in map(cv2.boundingRect, contours) if min(box[2:]) >= 4]
digits = [np.pad(cv2.resize(mask[y:y + h, x:x + w], (18, 18)), 5) for x, y, w, h in boxes]
print(model.predict(np.stack(digits)[..., None], verbose=0).argmax(axis=1) if digits else [])
"""
_KERAS_WINDOW = """
import sys
import tkinter as tk
import keras
model = keras.models.load_model(sys.argv[1])
root = tk.Tk()
tk.Canvas(root, width=640, height=480, bg="white").pack()
tk.Button(root, text="Recognize Digit").pack()
root.update()
root.destroy()
"""
_OUR_WINDOW = """
import hdr.app
hdr.app.run(on_painted=lambda window: window.root.after_idle(window.close))
"""


def time_reading(picture: Path, keras_model: Path, runs: int) -> Comparison:
    """Time `hdr read` of one picture, from a cold process to the printed result, against the same with Keras."""
    ours, baseline = [], []
    for _ in range(runs):
        ours.append(run_python(["-m", "hdr", "read", str(picture), "--json"]).seconds)
        baseline.append(run_python(["-c", _KERAS_READ, str(keras_model), str(picture)]).seconds)
    return compare("hdr read of one picture, cold process to printed result", "s", ours, baseline)


def time_window(keras_model: Path, runs: int) -> Comparison:
    """Time the window, from a cold process until it is painted, answers and is closed again, against Tk and Keras."""
    ours, baseline = [], []
    for _ in range(runs):
        ours.append(run_python(["-c", _OUR_WINDOW]).seconds)
        baseline.append(run_python(["-c", _KERAS_WINDOW, str(keras_model)]).seconds)
    return compare("window, cold process to usable", "s", ours, baseline)


def weigh_reading(picture: Path, keras_model: Path) -> Comparison | None:
    """Measure the peak memory of `hdr read` of one picture, against the same with Keras; None where nobody tells."""
    ours = peak_memory_mb(["-m", "hdr", "read", str(picture), "--json"])
    baseline = peak_memory_mb(["-c", _KERAS_READ, str(keras_model), str(picture)])
    if ours is None or baseline is None:
        return None
    return compare("peak memory of hdr read", "MB", [ours], [baseline])


def bench_start(picture: Path, keras_model: Path, runs: int, window: bool) -> Iterator[Comparison]:
    """Measure all of them; the window only where there is a screen."""
    yield time_reading(picture, keras_model, runs)
    if window:
        yield time_window(keras_model, runs)
    weight = weigh_reading(picture, keras_model)
    if weight:
        yield weight
