"""The strips around the page: what is being told, what is going on, and how pages are read."""

from __future__ import annotations

import tkinter as tk
from typing import Any

import ttkbootstrap as ttk

from hdr.app.actions import ActionTable
from hdr.app.controller import Controller
from hdr.app.document import order_by_doubt, shortened
from hdr.app.marks import percent
from hdr.app.session import Notice
from hdr.app.theme import PAD, px
from hdr.app.toolbar import describe
from hdr.app.viewer import Viewer

_ICONS = {
    "info": ("info-circle", "info"),
    "done": ("check-circle", "success"),
    "warning": ("exclamation-triangle", "warning"),
    "error": ("exclamation-octagon", "danger"),
}
_DONE_MS = 6000


class NoticeBar:
    """One calm line over the foot of the page, in place of message boxes. Nothing moves when it comes and goes."""

    def __init__(self, parent: tk.Misc, controller: Controller, over: tk.Misc) -> None:
        self.state = controller.state
        self._over = over
        self.frame = ttk.Frame(parent, bootstyle="@card")
        self._stripe = ttk.Frame(self.frame, width=px(parent, 4))
        self._stripe.pack(side="left", fill="y")
        self._icon = ttk.Label(self.frame, bootstyle="@card")
        self._icon.pack(side="left", anchor="n", padx=(px(parent, 10), 0), pady=px(parent, 9))
        self._close = ttk.Button(
            self.frame, text="Put away", icon="x-lg", icon_only=True, bootstyle="ghost @card", command=self.state.hush
        )
        self._close.pack(side="right", anchor="n", padx=px(parent, 4), pady=px(parent, 4))
        words = ttk.Frame(self.frame, bootstyle="@card")
        words.pack(side="left", fill="x", expand=True, padx=px(parent, 10), pady=px(parent, 7))
        self.message = ttk.Label(words, font="HdrStrong", bootstyle="@card", justify="left")
        self.hint = ttk.Label(words, bootstyle="@card", justify="left")
        self.message.pack(anchor="w", fill="x")
        words.bind("<Configure>", lambda event: self._wrap(event.width))
        self._timer: str | None = None
        self.state.listen(lambda changed: self.refresh() if "notice" in changed else None)

    def _wrap(self, width: int) -> None:
        for label in (self.message, self.hint):
            label.configure(wraplength=max(100, width))

    def refresh(self) -> None:
        """Show the state's notice, or nothing."""
        if self._timer is not None:
            self.frame.after_cancel(self._timer)
            self._timer = None
        notice = self.state.notice
        if notice is None:
            self.frame.place_forget()
            return
        icon, color = _ICONS[notice.kind]
        self._stripe.configure(bootstyle=color)
        self._icon.configure(bootstyle=f"{color} @card", icon=icon, icon_size=18)
        self.message.configure(text=notice.message)
        self.hint.configure(text=notice.hint)
        self.hint.pack(anchor="w", fill="x") if notice.hint else self.hint.pack_forget()
        self.frame.place(in_=self._over, relx=0, rely=1, relwidth=1, anchor="sw")
        self.frame.lift()
        if notice.kind == "done":
            self._timer = self.frame.after(_DONE_MS, self._expire, notice)

    def _expire(self, notice: Notice) -> None:
        self._timer = None
        if self.state.notice is notice:
            self.state.hush()


class StatusBar:
    """What is going on, and the small facts of the page."""

    def __init__(self, parent: tk.Misc, controller: Controller, viewer: Viewer) -> None:
        self.controller = controller
        self.state = controller.state
        self._viewer = viewer
        pad = px(parent, PAD)
        self.frame = ttk.Frame(parent, bootstyle="@chrome", padding=(pad, px(parent, 3)))
        self.left = ttk.Label(self.frame, bootstyle="@chrome", font="HdrSmall")
        self.left.pack(side="left")
        self._bar = ttk.Progressbar(self.frame, length=px(parent, 140), mode="indeterminate", bootstyle="thin")
        self._stop = ttk.Label(self.frame, text="Esc stops it", bootstyle="secondary @chrome", font="HdrSmall")
        self.right = ttk.Label(self.frame, bootstyle="secondary @chrome", font="HdrSmall")
        self.right.pack(side="right")
        self._busy = False
        self.state.listen(lambda _: self.refresh())
        viewer.canvas.bind("<<ViewChanged>>", lambda _: self.refresh(), add="+")
        self.refresh()

    def refresh(self) -> None:
        """Show the state and the work under way."""
        job = self.controller.jobs.current
        self._show_busy(job is not None, job.fraction if job else None)
        self.left.configure(text=f"{job.title} …" if job else self._summary())
        self.right.configure(text="   ".join(part for part in self._facts() if part))

    def _show_busy(self, busy: bool, fraction: float | None) -> None:
        if busy and fraction is not None:
            self._bar.configure(mode="determinate", value=100 * fraction)
        if busy is self._busy:
            return
        self._busy = busy
        if busy:
            self._bar.configure(mode="indeterminate")
            self._bar.pack(side="left", padx=px(self.frame, 10))
            self._stop.pack(side="left")
            self._bar.start(30)
        else:
            self._bar.stop()
            self._bar.pack_forget()
            self._stop.pack_forget()

    def _summary(self) -> str:
        page, reading = self.state.document, self.state.reading
        if reading is None:
            return "Ready"
        if page.stale:
            return "The drawing has changed since it was read: Return reads it again"
        if self.state.view == "boxes":
            return "Solid: taken for a digit.  Dashed: dropped, with the reason."
        count, rows = sum(len(row) for row in reading.rows), len(reading.rows)
        if not count:
            return "No digits on this page"
        text = f"{count} digit{'s' * (count != 1)} in {rows} row{'s' * (rows != 1)}"
        doubtful = order_by_doubt(reading)
        if doubtful:
            text += f", the least certain {percent(reading.digits[doubtful[0]].confidence)}"
        if page.corrections:
            text += f", {page.corrections} labelled by you"
        return text + (", saved" if self.state.is_saved(page) else "")

    def _facts(self) -> list[str]:
        page, reading = self.state.document, self.state.reading
        wide, high = page.size
        steps = self.state.steps
        return [
            f"{steps.method}, {steps.polarity} ink" if steps and not page.is_drawing else "",
            f"{len(reading.rejected)} left out (L)" if reading and reading.rejected else "",
            f"{wide} × {high}" if wide else "",
            f"{self._viewer.view.scale:.0%}",
            f"model {self.state.model}" if self.state.model else "",
        ]


class PageBar:
    """Above the page: its name, the pages before and after, and the view of the steps."""

    def __init__(self, parent: tk.Misc, table: ActionTable, controller: Controller) -> None:
        self.controller = controller
        self.state = controller.state
        self._table = table
        pad = px(parent, PAD)
        self.frame = ttk.Frame(parent, padding=(pad, px(parent, 4)))
        self.previous = self._button("previous_page")
        self.count = ttk.Label(self.frame, bootstyle="secondary")
        self.next = self._button("next_page")
        self.title = ttk.Label(self.frame, font="HdrStrong")
        self.title.pack(side="left", padx=(0, pad))
        self._settings = self._button("reading_settings")
        self._settings.pack(side="right")
        self._on = tk.BooleanVar(self.frame)
        self._add_views()
        self.state.listen(lambda _: self.refresh())
        self.refresh()

    def _button(self, name: str) -> ttk.Button:
        action = self._table[name]
        button = ttk.Button(
            self.frame, text=action.text, icon=action.icon, icon_only=True, bootstyle="ghost",
            command=lambda: action.run(self.controller),
        )  # fmt: skip
        ttk.ToolTip(button, text=describe(action), delay=500)
        return button

    def _add_views(self) -> None:
        self._view = tk.StringVar(self.frame, self.state.view)
        group = ttk.Frame(self.frame)
        group.pack(side="right", padx=px(self.frame, PAD))
        self.views: dict[str, ttk.Radiobutton] = {}
        for name, text in (("page", "Page"), ("gray", "Gray"), ("ink", "Ink"), ("boxes", "Boxes")):
            action = self._table[f"view_{name}"]
            button = ttk.Radiobutton(
                group, text=text, value=name, variable=self._view, bootstyle="outline toolbutton",
                command=lambda chosen=name: self.state.use_view(chosen),
            )  # fmt: skip
            button.pack(side="left")
            ttk.ToolTip(button, text=describe(action), delay=500)
            self.views[name] = button

    def refresh(self) -> None:
        """Show the state's page."""
        pages, index = self.state.now.pages, self.state.now.index
        page = self.state.document
        mark = " •" if self.state.is_unsaved(page) else ""
        self.title.configure(text=shortened(page.name) + mark)
        self._view.set(self.state.view)
        several = len(pages) > 1
        if several:
            self.count.configure(text=f"{index + 1} / {len(pages)}")
            for widget in (self.previous, self.count, self.next):
                widget.pack(side="left", before=self.title, padx=(0, px(self.frame, 4)))
            self.previous.state(["!disabled" if index > 0 else "disabled"])
            self.next.state(["!disabled" if index < len(pages) - 1 else "disabled"])
        else:
            for widget in (self.previous, self.count, self.next):
                widget.pack_forget()


def _is_number_so_far(text: str) -> bool:
    return text == "" or (text.isdecimal() and len(text) < 5)


class ReadingBar:
    """How pages are read; each change is tried on the page at once."""

    def __init__(self, parent: tk.Misc, controller: Controller) -> None:
        self.controller = controller
        self.state = controller.state
        pad = px(parent, PAD)
        self.frame = ttk.Frame(parent, padding=(pad, px(parent, 2), pad, px(parent, 6)))
        self._values: dict[str, Any] = {}  # Tk's variables, whose own types say nothing
        self._filling = False
        self._add_threshold()
        self._add_choice("Ink", "polarity", ("auto", "dark", "light"))
        self._add_smallest()
        self._add_join()
        reset = ttk.Button(
            self.frame, text="Reset", bootstyle="ghost", icon="arrow-counterclockwise", icon_only=True,
            command=self._reset,
        )  # fmt: skip
        reset.grid(row=1, column=10, sticky="e")
        ttk.ToolTip(reset, text="As at first", delay=500)
        self.frame.columnconfigure(10, weight=1)
        self.state.listen(lambda changed: self.refresh() if "settings" in changed else None)
        self.refresh()

    def _place(self, column: int, title: str, widget: tk.Misc) -> None:
        right = px(self.frame, 14)
        label = ttk.Label(self.frame, text=title, bootstyle="secondary", font="HdrSmall")
        label.grid(row=0, column=column, sticky="w", padx=(0, right))
        widget.grid(row=1, column=column, sticky="w", padx=(0, right))  # type: ignore[attr-defined]  # any ttk widget

    def _combo(self, name: str, choices: tuple[str, ...]) -> ttk.Combobox:
        value = self._values[name] = tk.StringVar(self.frame)
        combo = ttk.Combobox(self.frame, textvariable=value, values=choices, state="readonly", width=7)
        combo.bind("<<ComboboxSelected>>", lambda _: self._changed())
        return combo

    def _add_threshold(self) -> None:
        self.threshold = self._combo("threshold", ("auto", "otsu", "sauvola", "fixed"))
        self._place(0, "Threshold", self.threshold)
        self._values["level"] = tk.IntVar(self.frame, 128)
        self.level = ttk.Scale(
            self.frame, from_=0, to=255, variable=self._values["level"], length=px(self.frame, 96),
            command=lambda _: self._changed(),
        )  # fmt: skip
        self._level_text = ttk.Label(self.frame, font="HdrSmall", bootstyle="secondary")
        self._level_text.grid(row=0, column=1, sticky="w")
        self.level.grid(row=1, column=1, sticky="we", padx=(0, px(self.frame, 14)))

    def _add_choice(self, title: str, name: str, choices: tuple[str, ...]) -> None:
        self._place(2, title, self._combo(name, choices))

    def _add_smallest(self) -> None:
        value = self._values["smallest"] = tk.StringVar(self.frame)
        check: Any = (self.frame.register(_is_number_so_far), "%P")  # Tk's own form, which the stubs do not know
        self.smallest = ttk.Spinbox(
            self.frame, from_=1, to=500, textvariable=value, width=5, command=self._changed, validate="key",
            validatecommand=check,
        )  # fmt: skip
        for event in ("<Return>", "<FocusOut>"):
            self.smallest.bind(event, lambda _: self._changed())
        self._place(3, "Smallest, px", self.smallest)

    def _add_join(self) -> None:
        value = self._values["join"] = tk.BooleanVar(self.frame)
        self.join = ttk.Checkbutton(
            self.frame, text="Join broken strokes", variable=value, bootstyle="round-toggle", command=self._changed
        )
        self._place(4, "", self.join)

    def refresh(self) -> None:
        """Show the state's settings."""
        settings = self.state.settings
        self._filling = True
        level = settings.ink.threshold
        fixed = isinstance(level, int)
        self._values["threshold"].set("fixed" if fixed else level)
        if fixed:
            self._values["level"].set(level)
        self._values["polarity"].set(settings.ink.polarity)
        self._values["smallest"].set(str(settings.segment.smallest_px))
        self._values["join"].set(settings.segment.join)
        self.level.state(["!disabled" if fixed else "disabled"])
        self._level_text.configure(text=f"Gray level {level}" if fixed else "Gray level")
        self._filling = False

    def _changed(self) -> None:
        if self._filling:
            return
        values = self._values
        threshold: Any = values["threshold"].get()
        if threshold == "fixed":
            threshold = round(float(values["level"].get()))
        smallest = max(1, int(values["smallest"].get() or 1))
        self.controller.adjust(
            {
                "ink": {"threshold": threshold, "polarity": values["polarity"].get()},
                "segment": {"smallest_px": smallest, "join": bool(values["join"].get())},
            }
        )

    def _reset(self) -> None:
        from hdr.settings import InkSettings, SegmentSettings

        ink, segment = InkSettings(), SegmentSettings()
        self.controller.adjust({"ink": vars(ink), "segment": vars(segment)})
