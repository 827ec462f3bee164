"""The strips around the page: what is being told, what is going on, and how pages are read."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable

import ttkbootstrap as ttk

from hdr.app.action import ActionTable
from hdr.app.controller import Controller
from hdr.app.document import Document, order_by_doubt, shortened
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
_HANDS = {
    "box": "Boxes: drag to draw, move or resize; arrows move, with Ctrl resize; / divides, M merges, X deletes",
    "cut": "Knife: draw a line through the digits to divide",
}


class NoticeBar:
    """One calm line over the foot of the page, in place of message boxes. Nothing moves when it comes and goes."""

    def __init__(self, parent: tk.Misc, controller: Controller, over: Callable[[], tk.Misc]) -> None:
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
            label.configure(wraplength=max(100, width - px(label, 8)))

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
        self.frame.place(in_=self._over(), relx=0, rely=1, relwidth=1, anchor="sw")
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
        self.of_screen: Callable[[], str] = lambda: ""
        """Returns what to say while another screen than the pages is shown."""
        pad = px(parent, PAD)
        self.frame = ttk.Frame(parent, bootstyle="@chrome", padding=(pad, px(parent, 3)))
        self.left = ttk.Label(self.frame, bootstyle="@chrome", font="HdrSmall")
        self._bar = ttk.Progressbar(self.frame, length=px(parent, 140), mode="indeterminate", bootstyle="thin")
        self._stop = ttk.Label(self.frame, text="Esc stops it", bootstyle="secondary @chrome", font="HdrSmall")
        self.right = ttk.Label(self.frame, bootstyle="secondary @chrome", font="HdrSmall")
        self.right.pack(side="right")  # first: in a narrow window the end of a long hint is cut, and no fact
        self.left.pack(side="left")
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
        if self.state.screen != "pages":
            return self.of_screen()
        if self.state.document.stale:
            return "The drawing has changed since it was read: Return reads it again"
        if self.state.view == "boxes" and self.state.reading is not None:
            return "What became of every piece of ink"
        if self.state.hand in _HANDS and self.state.view == "page":
            return _HANDS[self.state.hand]
        return self._count(self.state.document)

    def _count(self, page: Document) -> str:
        reading = page.reading
        if reading is None:
            return "Ready"
        count, rows = sum(len(row) for row in reading.rows), len(reading.rows)
        if not count:
            return "No digits on this page"
        text = f"{count} digit{'s' * (count != 1)} in {rows} row{'s' * (rows != 1)}"
        doubtful = order_by_doubt(reading)
        if doubtful:
            text += f", the least certain {percent(reading.digits[doubtful[0]].confidence)}"
        if page.corrections:
            text += f", {page.corrections} confirmed"
        return text + (", saved" if self.state.is_saved(page) else "")

    def _facts(self) -> list[str]:
        if self.state.screen != "pages":
            return [f"model {self.state.model}" if self.state.model else ""]
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
        self._add_progress()
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

    def _add_progress(self) -> None:
        """How much of the page is confirmed."""
        self.progress = ttk.Progressbar(self.frame, length=px(self.frame, 90), bootstyle="success thin")
        self.left = ttk.Label(self.frame, bootstyle="secondary", font="HdrSmall")

    def _show_progress(self) -> None:
        page, count = self.state.document, self.state.digit_count
        shown = bool(self.left.winfo_manager())
        if count and not shown:
            # The words come first: where room is short the bar is cut, which says as much.
            self.left.pack(side="left", padx=(px(self.frame, PAD), px(self.frame, 6)))
            self.progress.pack(side="left")
        elif shown and not count:
            self.progress.pack_forget()
            self.left.pack_forget()
        if count:
            self.progress.configure(value=100 * (count - page.left) / count)
            self.left.configure(text=f"{page.left} to confirm" if page.left else "all confirmed")

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
        self._show_progress()
        several = len(pages) > 1
        if several:
            done = self.state.done_count
            self.count.configure(text=f"{index + 1} / {len(pages)}" + (f"  ·  {done} done" if done else ""))
            for widget in (self.previous, self.count, self.next):
                widget.pack(side="left", before=self.title, padx=(0, px(self.frame, 4)))
            self.previous.state(["!disabled" if index > 0 else "disabled"])
            self.next.state(["!disabled" if index < len(pages) - 1 else "disabled"])
        else:
            for widget in (self.previous, self.count, self.next):
                widget.pack_forget()
