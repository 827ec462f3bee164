"""Image to regions to crops, with NumPy and OpenCV only: no window, no model, and no file but in `media`."""
