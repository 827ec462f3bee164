"""The window: builds the panels, joins them to the state, paints, and only then lets anything heavy be loaded."""

from __future__ import annotations

import logging
import re
import tkinter as tk
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import ttkbootstrap as ttk

from hdr.app.actions import PanelVerbs, all_actions
from hdr.app.bars import NoticeBar, PageBar, StatusBar
from hdr.app.collector import MainThreadCollector
from hdr.app.controller import Controller
from hdr.app.dialogs import TkDialogs
from hdr.app.focus_ring import FocusRing
from hdr.app.icon import set_icon
from hdr.app.inspector import Inspector
from hdr.app.jobs import Jobs
from hdr.app.keys import bind_keys
from hdr.app.menubar import MenuBar
from hdr.app.numbers_panel import CountsPanel, NumbersPanel
from hdr.app.reading_bar import ReadingBar
from hdr.app.screen_strip import PagesTab, ScreenStrip
from hdr.app.screens import Screens, screen
from hdr.app.services import Services
from hdr.app.state import AppState
from hdr.app.theme import PAD, make_root, palette, px, theme_name
from hdr.app.toolbar import Toolbar
from hdr.app.viewer import Viewer
from hdr.settings import Settings, load_settings, save_settings

log = logging.getLogger("hdr.app")
_LEAST = (780, 500)
_USUAL = (1240, 800)
_PUMP_MS = 10
_HIDDEN_MS = 1500


class Window(PanelVerbs):
    """The main window.

    Parameters
    ----------
    services
        What the app asks of the rest of the package.
    pictures
        Opened once the window is painted.
    on_painted
        Called with the window at that moment, before anything heavy is loaded.
    """

    def __init__(
        self,
        services: Services,
        pictures: Sequence[Path] = (),
        on_painted: Callable[[Window], Any] | None = None,
    ) -> None:
        settings, wrong = load_settings(services.workspace.settings)
        self.services = services
        self.root = make_root(settings.app.theme)
        self.state = AppState(settings)
        self.state.listen(self._follow_theme)  # the first to hear: the engine repaints what the panels then colour
        self._pump_due: str | None = None
        self._closed = False
        self._compact = 0
        self._theme = settings.app.theme
        self.jobs = Jobs(self._on_job_failed, self._pump_soon)
        self.dialogs = TkDialogs(self.root, services, self.jobs)
        self.dialogs.on_close = self.close
        self.controller = Controller(self.state, services, self.jobs, self.dialogs)
        self.root.report_callback_exception = self._on_callback_error
        self._build()
        self.root.protocol("WM_DELETE_WINDOW", self.controller.keeper.quit)
        self.state.listen(self._on_change)
        self._place(settings)
        self.viewer.canvas.focus_set()
        if wrong:
            self.state.say("warning", wrong, "Change a setting here and it is written anew.")
        self._collector = MainThreadCollector(self.root)
        self._collector.start()
        self._begin_when_painted(tuple(pictures), on_painted)

    # Building --------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        root = self.root
        whole = ttk.Frame(root)
        side = ttk.Frame(whole, padding=(px(root, 2 * PAD), px(root, PAD)))
        middle = ttk.Frame(whole)
        self.viewer = Viewer(middle, self.controller)
        self.table = all_actions(self.viewer, self)
        self.dialogs.table = self.table
        self.menu = MenuBar(root, self.table, self.controller)
        self.toolbar = Toolbar(root, self.table, self.controller)
        self._build_middle(middle)
        self._build_side(side)
        self.status = StatusBar(root, self.controller, self.viewer)
        self.screens = Screens(root, self.controller, PagesTab(whole, self.viewer.canvas))
        self.status.of_screen = lambda: self.screens.current.status()  # noqa: PLW0108  (the one that is current then)
        self.dialogs.own_keys = lambda: (screen(self.state.screen).title, self.screens.current.keys)
        self.strip = ScreenStrip(root, self.table, self.controller)
        self._lay_out(whole, middle, side)
        bind_keys(root, self.table, self.controller)
        # Tab goes by the stacking order: the toolbar, the bars above the page, the page, the panels.
        self.toolbar.frame.lower()
        tk.Misc.lift(self.viewer.canvas)
        accent = lambda: palette(self.state.settings.app.theme).accent  # noqa: E731  (too little for a method)
        self.ring = FocusRing(root, accent, (self.viewer.canvas,))

    def _lay_out(self, whole: ttk.Frame, middle: ttk.Frame, side: ttk.Frame) -> None:
        root = self.root
        self.toolbar.frame.grid(row=0, column=0, columnspan=2, sticky="ew")
        ttk.Separator(root).grid(row=0, column=0, columnspan=2, sticky="sew")
        self.strip.frame.grid(row=1, column=0, sticky="ns")
        whole.grid(row=1, column=1, sticky="nsew")
        self.status.frame.grid(row=2, column=0, columnspan=2, sticky="ew")
        root.rowconfigure(1, weight=1)
        root.columnconfigure(1, weight=1)
        middle.grid(row=0, column=0, sticky="nsew")
        ttk.Separator(whole, orient="vertical").grid(row=0, column=1, sticky="ns")
        side.grid(row=0, column=2, sticky="nsew")
        whole.rowconfigure(0, weight=1)
        whole.columnconfigure(0, weight=1)

    def _build_middle(self, middle: ttk.Frame) -> None:
        self.notices = NoticeBar(self.root, self.controller, self._notices_over)
        self.pages = PageBar(middle, self.table, self.controller)
        self.reading = ReadingBar(middle, self.controller)
        self.pages.frame.grid(row=1, column=0, sticky="ew")
        self.reading.frame.grid(row=2, column=0, sticky="ew")
        self.viewer.canvas.grid(row=3, column=0, sticky="nsew")
        self.reading.frame.grid_remove()
        middle.rowconfigure(3, weight=1)
        middle.columnconfigure(0, weight=1)

    def _notices_over(self) -> tk.Misc:
        return self.screens.current.notices_over()

    def _build_side(self, side: ttk.Frame) -> None:
        gap = px(self.root, 10)
        self.inspector = Inspector(side, self.controller)
        self.numbers = NumbersPanel(side, self.table, self.controller)
        self.counts = CountsPanel(side, self.controller)
        side.columnconfigure(0, weight=1)
        side.configure(width=px(self.root, 308))
        side.grid_propagate(False)  # its width must not change with what it says
        self.inspector.frame.grid(row=0, column=0, sticky="ew")
        self.numbers.frame.grid(row=1, column=0, sticky="nsew", pady=gap)
        self.counts.frame.grid(row=2, column=0, sticky="ew")
        side.rowconfigure(1, weight=1)
        side.bind("<Configure>", self._on_side_resized)
        self.root.bind("<Configure>", lambda event: self._on_resized(event, side), add="+")

    def _follow_screen(self) -> None:
        """Show another screen in place of the page, or the page again."""
        self.screens.show(self.state.screen)
        self.ring.hide()
        self.notices.refresh()

    def _on_side_resized(self, event: tk.Event[tk.Misc]) -> None:
        size = next(i for i, least in enumerate((620, 500, 0)) if event.height >= px(self.root, least))
        if size != self._compact:
            self._compact = size
            self.inspector.set_compact(size)
            self.inspector.refresh()
            # The numbers are what a page is read for: on a very low window they have the room of the counts.
            self.counts.frame.grid() if size < 2 else self.counts.frame.grid_remove()

    def _on_resized(self, event: tk.Event[tk.Misc], side: ttk.Frame) -> None:
        """Leave the page the room on a narrow window."""
        if event.widget is self.root:
            narrow = event.width < px(self.root, 960)
            side.configure(width=px(self.root, 258 if narrow else 308))
            self.toolbar.set_narrow(narrow)

    def _place(self, settings: Settings) -> None:
        """Where it was last; or, the first time or on another screen, in the middle."""
        root = self.root
        wide, high = root.winfo_screenwidth(), root.winfo_screenheight()
        room = high - px(root, 64)  # for the menu and the title, which the geometry does not count
        root.minsize(min(px(root, _LEAST[0]), wide), min(px(root, _LEAST[1]), room))
        usual = min(px(root, _USUAL[0]), wide), min(px(root, _USUAL[1]), room)
        remembered = _fitting_geometry(settings.app.geometry, wide, high)
        y = max(0, (room - usual[1]) // 3)
        root.geometry(remembered or f"{usual[0]}x{usual[1]}+{(wide - usual[0]) // 2}+{y}")
        root.deiconify()

    def toggle_settings(self) -> None:
        """Show or hide how pages are read."""
        if self.settings_shown():
            self.reading.frame.grid_remove()
        else:
            self.reading.frame.grid()

    def settings_shown(self) -> bool:
        """Whether how pages are read is shown."""
        return bool(self.reading.frame.winfo_manager())

    # Living ----------------------------------------------------------------------------------------------------------

    def _begin_when_painted(self, pictures: tuple[Path, ...], on_painted: Callable[[Window], Any] | None) -> None:
        """Start when the page is first exposed; or soon, where the window comes up hidden and it is not."""

        def begin(_: Any = None) -> None:
            self.root.after_cancel(late)
            self.viewer.canvas.unbind("<Expose>", exposed)
            self.root.update_idletasks()
            if on_painted is not None:
                on_painted(self)
            if not self._closed:
                self.root.after_idle(self._start, pictures)

        late = self.root.after(_HIDDEN_MS, begin)
        exposed = self.viewer.canvas.bind("<Expose>", begin)

    def _start(self, pictures: tuple[Path, ...]) -> None:
        if not self._closed:
            set_icon(self.root)
            self.controller.start(pictures)
            self.root.after(200, self._accept_drops)

    def _accept_drops(self) -> None:
        """Let files be dropped on the page, where the extension for it loads."""
        if not self._closed:
            from hdr.app.drops import accept_drops

            accept_drops(self.root, self.viewer.canvas, self.controller.opener.open_paths)

    def _follow_theme(self, changed: frozenset[str]) -> None:
        if "settings" in changed and self.state.settings.app.theme != self._theme:
            self._theme = self.state.settings.app.theme
            self.root.theme_use(theme_name(self._theme))
            self.menu.recolor()

    def _on_change(self, changed: frozenset[str]) -> None:
        if changed & {"page", "pages", "saved"}:
            self._title()
        if "screen" in changed:
            self._follow_screen()
            self._title()

    def _title(self) -> None:
        pages = self.state.screen == "pages"
        self.root.title(f"{self.state.document.name if pages else screen(self.state.screen).title} – hdr")

    def _pump_soon(self) -> None:
        if self._pump_due is None and not self._closed:
            self._pump_due = self.root.after(_PUMP_MS, self._pump)
            self.status.refresh() if hasattr(self, "status") else None

    def _pump(self) -> None:
        self._pump_due = None
        self.jobs.pump()
        self.status.refresh()
        if not self.jobs.is_idle:
            self._pump_soon()

    # Failing ---------------------------------------------------------------------------------------------------------

    def _on_job_failed(self, error: BaseException) -> None:
        self.controller.show_error(error)

    def _on_callback_error(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        del kind
        self.controller.show_error(error.with_traceback(trace))

    # Ending ----------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Remember the settings, end the work, then the window. In this order nothing is called that is gone."""
        if self._closed:
            return
        self._closed = True
        self._remember()
        self.screens.close()
        self.jobs.close()
        self.controller.autosaver.close()
        for timer in self.root.tk.splitlist(self.root.tk.call("after", "info")):
            self.root.tk.call("after", "cancel", timer)
        self.root.destroy()
        self._collector.stop()

    def _remember(self) -> None:
        settings = self.state.settings.replace("app", geometry=self.root.wm_geometry())
        try:
            save_settings(self.services.workspace.settings, settings)
        except OSError as error:
            log.warning("the settings could not be saved: %s", error)

    def run(self) -> None:
        """Show it until it is closed."""
        self.root.mainloop()


def _fitting_geometry(text: str, wide: int, high: int) -> str | None:
    """A remembered geometry, if it is one and the window lies on this screen; else only its size, if that fits."""
    found = re.fullmatch(r"(\d+)x(\d+)([+-]-?\d+)([+-]-?\d+)", text)
    if found is None:
        return None
    width, height = int(found[1]), int(found[2])
    if width > wide or height > high:
        return None
    x, y = (int(part) if part.lstrip("+").isdecimal() else -1 for part in found.group(3, 4))
    if 0 <= x <= wide - width and 0 <= y <= high - height:
        return text
    return f"{width}x{height}+{(wide - width) // 2}+{(high - height) // 3}"
