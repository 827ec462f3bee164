"""A camera's picture as it comes, and the button that takes it."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ttkbootstrap as ttk

from hdr.app.dialog import place_over
from hdr.app.services import Services
from hdr.app.theme import PAD, palette, px
from hdr.errors import CameraError

if TYPE_CHECKING:
    from hdr.app.jobs import Jobs
    from hdr.reading.sources_list import CameraInfo

_POLL_MS = 30
_NONE = CameraError(
    "No camera was found on this computer.", hint="Plug one in and look again, or open or paste a picture instead."
)


class CameraDialog:
    """Pick a camera, see its picture, take it. The device is opened and read in a thread of its own.

    Parameters
    ----------
    root
        The main window.
    services
        Lists and opens the cameras.
    jobs
        Looks for the cameras, which can take a while.
    take
        Called with the picture taken and the camera's name.
    """

    def __init__(self, root: ttk.App, services: Services, jobs: Jobs, take: Callable[[Any, str], None]) -> None:
        self.services = services
        self.jobs = jobs
        self.take = take
        self.camera: Any = None
        self._cameras: list[CameraInfo] = []
        self.frame: Any = None
        self._photo: Any = None
        self._poll: str | None = None
        self.window = ttk.Toplevel(title="Snapshot", transient=root, iconphoto=None)
        self.window.withdraw()
        self._size = px(root, 640), px(root, 400)
        self._build(px(root, PAD))
        self.window.bind("<Destroy>", self._on_destroy)
        self.window.bind("<Escape>", lambda _: self.window.destroy())
        self.window.bind("<Return>", lambda _: self.shoot())
        self.window.bind("<space>", lambda _: self.shoot())
        place_over(root, self.window)
        self.look()

    def _build(self, pad: int) -> None:
        body = ttk.Frame(self.window, padding=2 * pad, bootstyle="bordered")
        body.pack(fill="both", expand=True)
        top = ttk.Frame(body)
        top.pack(fill="x", pady=(0, pad))
        ttk.Label(top, text="Camera").pack(side="left")
        self.names = ttk.Combobox(top, state="readonly", width=36)
        self.names.pack(side="left", padx=pad)
        self.names.bind("<<ComboboxSelected>>", lambda _: self.open_chosen())
        ttk.Button(top, text="Look again", icon="arrow-repeat", bootstyle="ghost", command=self.look).pack(side="left")
        colors = palette("dark")
        self.canvas = tk.Canvas(
            body, width=self._size[0], height=self._size[1], background=colors.desk, highlightthickness=0
        )
        self.canvas.pack(fill="both", expand=True)
        row = ttk.Frame(body)
        row.pack(fill="x", pady=(2 * pad, 0))
        self.shutter = ttk.Button(row, text="Take the picture", icon="camera", bootstyle="primary", command=self.shoot)
        self.shutter.pack(side="right")
        ttk.Button(row, text="Cancel", bootstyle="neutral", command=self.window.destroy).pack(side="right", padx=pad)
        self.shutter.state(["disabled"])

    def look(self) -> None:
        """Look for cameras and open the first."""
        self._close_camera()
        self._say("Looking for cameras …", "")
        self.jobs.submit("cameras", lambda _: self.services.list_cameras(), self._found)

    def _found(self, cameras: list[CameraInfo]) -> None:
        if not self.window.winfo_exists():
            return
        self._cameras = cameras
        self.names.configure(values=[f"{camera.index}: {camera.name}" for camera in self._cameras])
        if self._cameras:
            self.names.current(0)
            self.open_chosen()
        else:
            self.names.set("")
            self._say(_NONE.message, _NONE.hint)

    def open_chosen(self) -> None:
        """Open the camera that is picked."""
        self._close_camera()
        self._say("Opening the camera …", "")
        self.camera = self.services.open_camera(self._cameras[self.names.current()].index)
        self._tick()

    def _tick(self) -> None:
        self._poll = None
        try:
            frame = self.camera.frame()
        except CameraError as error:
            self._close_camera()
            self._say(error.message, error.hint)
            return
        if frame is not None:
            self._show(frame)
        self._poll = self.window.after(_POLL_MS, self._tick)

    def _show(self, frame: Any) -> None:
        from PIL import Image, ImageTk

        self.frame = frame
        image = Image.fromarray(frame)
        wide, high = max(1, self.canvas.winfo_width()), max(1, self.canvas.winfo_height())
        image.thumbnail((wide, high), Image.Resampling.BILINEAR)
        self._photo = ImageTk.PhotoImage(image, master=self.canvas)
        self.canvas.delete("all")
        self.canvas.create_image(wide / 2, high / 2, image=self._photo)
        self.shutter.state(["!disabled"])

    def _say(self, message: str, hint: str) -> None:
        self.canvas.delete("all")
        colors = palette("dark")
        wide = max(self.canvas.winfo_width(), self._size[0])
        middle = max(self.canvas.winfo_height(), self._size[1]) / 2
        room = wide - px(self.window, 60)
        self.canvas.create_text(
            wide / 2, middle, text=message, font="HdrTitle", fill=colors.text, width=room, anchor="s", justify="center"
        )
        self.canvas.create_text(
            wide / 2,
            middle + px(self.window, 8),
            text=hint,
            fill=colors.muted,
            width=room,
            anchor="n",
            justify="center",
        )

    def shoot(self) -> None:
        """Take the picture that is shown."""
        if self.frame is None or self.shutter.instate(["disabled"]):
            return
        frame, name = self.frame, self._cameras[self.names.current()].name
        self.window.destroy()
        self.take(frame, f"Snapshot, {name}")

    def _close_camera(self) -> None:
        self.frame = None
        self.shutter.state(["disabled"])
        if self._poll is not None:
            self.window.after_cancel(self._poll)
            self._poll = None
        camera, self.camera = self.camera, None
        if camera is not None:
            camera.close(timeout_s=0)  # its thread gives the device back when it comes to it; nobody waits

    def _on_destroy(self, event: tk.Event[tk.Misc]) -> None:
        if event.widget is self.window and self.camera is not None:
            if self._poll is not None:
                self.window.after_cancel(self._poll)
            self.camera.close(timeout_s=0)
            self.camera = None
