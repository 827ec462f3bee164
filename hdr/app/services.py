"""What the app asks of the rest of the package, as one value of functions, so that tests can give others.

Every default imports what it needs when it is called: the window is painted before any of it is loaded.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hdr.errors import CaptureError, ImageError

if TYPE_CHECKING:
    from hdr.classify.classifier import Classifier
    from hdr.data.captures import CaptureStore
    from hdr.data.moving import Change
    from hdr.geometry import Box
    from hdr.reading.camera import Camera
    from hdr.reading.results import Digit, Reading
    from hdr.reading.sources_list import CameraInfo
    from hdr.settings import LiveSettings, Settings
    from hdr.vision.strokes import Stroke
    from hdr.workspace import Workspace

EXPORT_FORMATS = {
    "folder": "Folders, one a label, of PNG files",
    "npz": "NumPy .npz, as Keras has MNIST",
    "csv": "CSV, a row a digit",
    "idx": "IDX, MNIST's own format",
    "huggingface": "Hugging Face image folder",
    "labelme": "Pages with labelme's JSON",
    "coco": "Pages with COCO's JSON",
    "yolo": "Pages with YOLO's labels",
    "voc": "Pages with Pascal VOC's XML",
    "labelstudio": "Pages for Label Studio",
    "cvat": "Pages for CVAT",
}
"""By the names that `hdr captures export` takes."""


def _load_classifier() -> Classifier:
    from hdr.classify.loading import load_classifier

    return load_classifier()


def _missing_model(workspace: Workspace) -> str:
    from hdr.classify.store import ModelStore

    return ModelStore(workspace).gone()


def _read(image: Any, classifier: Classifier, settings: Settings) -> Reading:
    from hdr.reading.pipeline import read_digits

    return read_digits(image, classifier, settings)


def _load_image(source: Path | bytes, settings: Settings) -> Any:
    from hdr.vision.media import load_image

    return load_image(source, settings.input)


def _rasterize(strokes: Sequence[Stroke], size: tuple[int, int]) -> Any:
    from hdr.vision.strokes import rasterize_strokes

    return rasterize_strokes(strokes, size)


def _open_store(root: Path) -> CaptureStore:
    from hdr.data.captures import CaptureStore

    return CaptureStore(root)


def _export(store: Any, form: str, target: Path, size_px: int) -> Any:
    from hdr.data.formats import ExportOptions, export_store

    return export_store(store, form, target, ExportOptions(size_px), [])


def _list_cameras() -> list[CameraInfo]:
    from hdr.reading.sources_list import list_cameras

    return list_cameras()


def _open_camera(source: int | str) -> Camera:
    from hdr.reading.camera import Camera

    return Camera(source).start()


def _live_camera(source: int | str, settings: LiveSettings) -> Camera:
    from hdr.reading.camera import Camera
    from hdr.reading.sources import SourceOptions

    return Camera(source, options=SourceOptions.of(settings), retry=True)


def _list_models(workspace: Workspace) -> list[str]:
    from hdr.classify.store import ModelStore
    from hdr.vision.normalize import PICTURE

    entries = ModelStore(workspace).entries()
    return [entry.name for entry in entries if entry.card is not None and entry.card.geometry != PICTURE]


def _load_model(name: str, workspace: Workspace) -> Classifier:
    from hdr.classify.loading import load_classifier

    return load_classifier(name, workspace)


def _grab_clipboard() -> list[Path] | bytes | None:
    """The picture on the clipboard as PNG bytes, or the files copied there; None where there is neither."""
    import io

    from PIL import Image, ImageGrab

    try:
        found = ImageGrab.grabclipboard()
    except NotImplementedError as error:
        raise ImageError(
            "The clipboard cannot be read: this desktop needs a small helper program for it.",
            hint="Install xclip (X11) or wl-clipboard (Wayland), or save the picture and open the file.",
        ) from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ImageError(
            f"What is on the clipboard cannot be used as a picture ({error}).",
            hint="Copy it again as a picture, or save it and open the file.",
        ) from error
    if isinstance(found, list):
        return [Path(name) for name in found]
    if found is None:
        return None
    buffer = io.BytesIO()
    found.save(buffer, "PNG")
    return buffer.getvalue()


@dataclass
class Services:
    """The functions behind the window.

    Parameters
    ----------
    workspace
        Where captures and settings are.
    load_classifier, read, load_image, rasterize, open_store, export
        As in `hdr.classify`, `hdr.reading`, `hdr.vision` and `hdr.data`.
    list_cameras, open_camera
        As in `hdr.reading.camera`.
    live_camera
        A camera that is not started yet, asked for what the settings say.
    list_models, load_model
        The names of the models that read digits, and one of them.
    missing_model
        The name that was put in use and is not there any more; empty where nothing is amiss.
    grab_clipboard
        PNG bytes, file paths, or None for nothing to paste.
    """

    workspace: Workspace
    load_classifier: Callable[[], Classifier] = _load_classifier
    missing_model: Callable[[Workspace], str] = _missing_model
    read: Callable[[Any, Classifier, Settings], Reading] = _read
    load_image: Callable[[Path | bytes, Settings], Any] = _load_image
    rasterize: Callable[[Sequence[Stroke], tuple[int, int]], Any] = _rasterize
    open_store: Callable[[Path], CaptureStore] = _open_store
    export: Callable[[CaptureStore, str, Path, int], Any] = _export
    list_cameras: Callable[[], list[CameraInfo]] = _list_cameras
    open_camera: Callable[[int | str], Camera] = _open_camera
    live_camera: Callable[[int | str, LiveSettings], Camera] = _live_camera
    list_models: Callable[[Workspace], list[str]] = _list_models
    load_model: Callable[[str, Workspace], Classifier] = _load_model
    grab_clipboard: Callable[[], list[Path] | bytes | None] = _grab_clipboard
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _classifier: Classifier | None = field(default=None, repr=False)

    def child_environment(self) -> dict[str, str]:
        """Return what tells a child process where the same models and captures are."""
        models = self.workspace.models
        return {"HDR_HOME": str(models.parent)} if models.name == "models" else {}

    def classifier(self) -> Classifier:
        """The model in use, loaded on first need and kept."""
        with self._lock:
            if self._classifier is None:
                self._classifier = self.load_classifier()
            return self._classifier

    def reload(self) -> Classifier:
        """Load the model in use again, which is another one now; where it cannot be loaded the old one stays."""
        classifier = self.load_classifier()
        with self._lock:
            self._classifier = classifier
        return classifier

    @property
    def loaded(self) -> Classifier | None:
        """The model in use, if it is loaded by now."""
        return self._classifier

    def model(self, name: str) -> Classifier:
        """A model by its name; for an empty one, the model in use."""
        return self.load_model(name, self.workspace) if name else self.classifier()

    def store(self) -> CaptureStore:
        """The captures of the workspace."""
        return self.open_store(self.workspace.captures)

    def recall(self, image: Any, reading: Reading, settings: Settings) -> tuple[Reading, bool]:
        """Return a reading with what was saved of its page before, and whether it is just what was saved."""
        from hdr.app.recalling import recall
        from hdr.app.rereading import look, read_boxes

        try:
            saved = self.store().find(image)
        except (CaptureError, OSError):
            saved = None  # a page that cannot be had back is a page read anew
        if saved is None or not saved.digits:
            return reading, False

        def read(boxes: Sequence[Box]) -> list[Digit]:
            turned = reading.steps.turned_deg if reading.steps is not None else 0.0
            return read_boxes(look(image, settings, turned), boxes, self.classifier()) if boxes else []

        told = recall(reading, saved, read)
        return told, len(told.kept) == len(saved.digits)

    def save_page(self, image: Any, reading: Reading, source: str, strokes: Sequence[Stroke] | None) -> Change:
        """Save a page, and return what that moved; a full disk or a locked folder is said in a sentence.

        Raises
        ------
        CaptureError
            Where it could not be saved. Nothing is half written.
        """
        from hdr.app.saving import save_as_change

        try:
            return save_as_change(self.store(), image, reading, source, strokes)
        except OSError as error:
            raise CaptureError(
                f"The captures could not be saved in {self.workspace.captures}: {error.strerror or error}.",
                hint="Make room or allow writing there, then save again. Nothing is lost meanwhile.",
            ) from error
