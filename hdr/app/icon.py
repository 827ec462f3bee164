"""The window's icon, drawn when it is needed: a white 7 on blue."""

from __future__ import annotations

import tkinter as tk

_SIDE_PX = 64
_INK = ((20, 19), (45, 19), (29, 48))


def set_icon(root: tk.Tk) -> None:
    """Give the window, and those it opens, the icon."""
    from PIL import Image, ImageDraw, ImageTk

    big = 4  # drawn larger and scaled down, for smooth edges
    image = Image.new("RGBA", (_SIDE_PX * big, _SIDE_PX * big))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((big, big, (_SIDE_PX - 1) * big, (_SIDE_PX - 1) * big), 14 * big, fill="#2563c9")
    points = [(x * big, y * big) for x, y in _INK]
    draw.line(points, fill="white", width=7 * big, joint="curve")
    for x, y in (points[0], points[-1]):
        draw.ellipse((x - 3.5 * big, y - 3.5 * big, x + 3.5 * big, y + 3.5 * big), fill="white")
    icon = ImageTk.PhotoImage(image.resize((_SIDE_PX, _SIDE_PX), Image.Resampling.LANCZOS), master=root)
    root.iconphoto(True, icon)  # type: ignore[arg-type]  # Pillow's picture is one of Tk's by its name
    root._hdr_icon = icon  # type: ignore[attr-defined]  # Tk shows it only as long as Python holds it
