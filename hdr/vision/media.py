"""Picture files to arrays and back: any format a person has, upright; a hostile one is refused in a sentence."""

from __future__ import annotations

import contextlib
import io
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from hdr.errors import ImageError, ImageTooLargeError, UnreadableImageError
from hdr.settings import InputSettings
from hdr.workspace import write_atomically

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "DIB", "GIF", "PPM", "AVIF", "JPEG2000")
"""What is decoded. Formats that run a program (EPS, PDF) or fetch other files are left out on purpose."""

SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".webp", ".tif", ".tiff", ".bmp", ".dib", ".gif"}
    | {".ppm", ".pgm", ".pbm", ".pnm", ".avif", ".jp2"}
)
"""What a folder is searched for, in lower case."""

_CURE = "Open it in a picture viewer, save it again as PNG or JPEG, and try that file."


def load_image(
    source: str | Path | bytes, limits: InputSettings | None = None, *, least_px: int = 0
) -> NDArray[np.uint8]:
    """Load a picture as a person would see it.

    EXIF's turn is applied; of an animation the first frame is taken; 16-bit and floating-point grays are scaled to
    0-255; transparency is laid over white, or over black where what shows is bright.

    Parameters
    ----------
    source
        A path, or the bytes of a file.
    limits
        The largest picture accepted; it is checked before anything is decoded.
    least_px
        Of a JPEG whose long side stays at least so long, only a half, a quarter or an eighth of each side is decoded,
        as its transform gives it, in a fraction of the time. 0 decodes all of it.

    Returns
    -------
    Shape (height, width, 3), ``uint8`` RGB, 0 to 255.

    Raises
    ------
    UnreadableImageError
        Where it is no picture, cut off, empty, a folder or not there.
    ImageTooLargeError
        Where it has more pixels than ``limits`` allows.
    """
    name = "The picture" if isinstance(source, bytes) else str(source)
    file, head = _open_source(source, name)
    with file:
        try:
            return _decode(file, name, limits or InputSettings(), least_px)
        except ImageError:
            raise
        except Exception as error:  # decoders of hostile files raise anything: struct.error, SyntaxError, ...
            if (wide := _decode_wide_tiff(file, limits or InputSettings())) is not None:
                return wide
            message, cure = _why(name, head, error)
            raise UnreadableImageError(message, hint=cure) from error


def _open_source(source: str | Path | bytes, name: str) -> tuple[BinaryIO, bytes]:
    if isinstance(source, bytes):
        if not source:
            raise UnreadableImageError(f"{name} is empty.", hint=_CURE)
        return io.BytesIO(source), source[:16]
    path = Path(source)
    try:
        if path.is_dir():
            raise UnreadableImageError(f"{name} is a folder, not a picture.", hint="Name a picture inside it.")
        file = path.open("rb")
        head = file.read(16)
        file.seek(0)
    except FileNotFoundError as error:
        raise UnreadableImageError(f"{name} does not exist.", hint="Check the name and the folder.") from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UnreadableImageError(f"{name} cannot be opened: {why}.", hint="Check its permissions.") from error
    if not head:
        file.close()
        raise UnreadableImageError(f"{name} is empty (0 bytes).", hint="Copy or download it again.")
    return file, head


def _why(name: str, head: bytes, error: Exception) -> tuple[str, str]:
    """The sentence and the cure for a file that no decoder took."""
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc"):
        return f"{name} is a HEIC photo, which cannot be read.", "Share or export it as JPEG, and open that."
    if head.startswith(b"%PDF"):
        return f"{name} is a PDF, not a picture.", "Export its page as PNG, and open that."
    if isinstance(error, UnidentifiedImageError):
        return f"{name} is not a picture that can be read.", "PNG, JPEG, WebP, TIFF, BMP and GIF files can."
    if "truncated" in str(error).lower():
        return f"{name} is cut off: only a part of the file is there.", "Copy or download it again."
    return f"{name} is damaged ({type(error).__name__}: {error}).", _CURE


def _decode(file: BinaryIO, name: str, limits: InputSettings, least_px: int) -> NDArray[np.uint8]:
    # Our own limit decides, by a setting; Pillow's fixed warning and its remarks on odd metadata are no use here.
    with silence():
        try:
            with Image.open(file, formats=FORMATS) as image:
                _check_size(image.size, name, limits)
                _skip_pixels(image, least_px)
                return _to_rgb(ImageOps.exif_transpose(_first_frame(image)))
        except Image.DecompressionBombError as error:
            raise _too_large(name, f"more than {2 * (Image.MAX_IMAGE_PIXELS or 0):,} pixels", limits) from error


class _Silence:
    """What the threads within `silence` share: warnings have one list of filters for the whole process."""

    lock = threading.Lock()
    within = 0
    given_back = contextlib.ExitStack()


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Have no warnings, whichever thread comes last: Python's own way gives a thread's filters back to another."""
    with _Silence.lock:
        if not _Silence.within:
            _Silence.given_back.enter_context(warnings.catch_warnings(action="ignore"))
        _Silence.within += 1
    try:
        yield
    finally:
        with _Silence.lock:
            _Silence.within -= 1
            if not _Silence.within:
                _Silence.given_back.close()


def _skip_pixels(image: Image.Image, least_px: int) -> None:
    if least_px:
        longest = max(image.size)
        image.draft(None, (max(1, image.width * least_px // longest), max(1, image.height * least_px // longest)))


def _check_size(size: tuple[int, int], name: str, limits: InputSettings) -> None:
    if size[0] * size[1] > limits.largest_pixels:
        raise _too_large(name, f"{size[0]} x {size[1]} pixels", limits)


def _too_large(name: str, what: str, limits: InputSettings) -> ImageTooLargeError:
    return ImageTooLargeError(
        f"{name} is too large: {what}, where {limits.largest_pixels:,} are allowed.",
        hint="Scale it down or cut it, or raise input.largest_pixels in the settings.",
    )


def _first_frame(image: Image.Image) -> Image.Image:
    image.seek(0)
    image.load()
    return image


def _to_rgb(image: Image.Image) -> NDArray[np.uint8]:
    if image.mode.startswith("I") or image.mode == "F":
        return _gray_to_rgb(_to_8_bit(np.asarray(image)))
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        return _flatten(np.asarray(image.convert("RGBA")))
    if image.mode in ("L", "1"):
        return _gray_to_rgb(np.asarray(image.convert("L")))
    return np.array(image.convert("RGB"))


def _gray_to_rgb(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.repeat(gray[:, :, None], 3, axis=2)


def _to_8_bit(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Whole numbers by their container's range (12-bit data in 16 bits by its own); fractions stretched to theirs."""
    wide = np.nan_to_num(np.asarray(values, np.float64), posinf=0, neginf=0)
    top = float(wide.max(initial=0))
    if values.dtype.kind == "f":
        low = float(wide.min(initial=0))
        scaled = (wide - low) * (255 / max(top - low, 1e-12))
    else:
        container = next(full for full in (255, 4095, 65535, max(top, 65535)) if top <= full)
        scaled = wide * (255 / container)
    return np.clip(np.round(scaled), 0, 255).astype(np.uint8)


def _flatten(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lay a transparent picture over the paper that its ink can be seen on."""
    alpha = rgba[:, :, 3:].astype(np.float32) / 255
    weight = float(alpha.sum())
    brightness = float((rgba[:, :, :3].mean(axis=2, keepdims=True) * alpha).sum()) / weight if weight else 0.0
    mostly_clear = weight < 0.5 * alpha.size
    paper = 0.0 if mostly_clear and brightness > 127 else 255.0
    return np.round(rgba[:, :, :3] * alpha + paper * (1 - alpha)).astype(np.uint8)


def _decode_wide_tiff(file: BinaryIO, limits: InputSettings) -> NDArray[np.uint8] | None:
    """16-bit colour TIFF, which Pillow does not know. Its size is read from the tags before it is decoded."""
    file.seek(0)
    if file.read(4) not in (b"II*\0", b"MM\0*"):
        return None
    size = _tiff_size(file)
    if size is None or size[0] * size[1] > limits.largest_pixels:
        return None
    import cv2

    file.seek(0)
    data = np.frombuffer(file.read(), np.uint8)
    try:
        image = cv2.imdecode(data, cv2.IMREAD_ANYDEPTH | cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    if image is None or image.dtype.kind not in "uf":
        return None
    return np.ascontiguousarray(_to_8_bit(image)[:, :, ::-1])


def _tiff_size(file: BinaryIO) -> tuple[int, int] | None:
    from PIL import TiffImagePlugin

    try:
        file.seek(0)
        tags = TiffImagePlugin.ImageFileDirectory_v2(file.read(8))
        file.seek(tags.next)
        tags.load(file)
        return int(tags[TiffImagePlugin.IMAGEWIDTH]), int(tags[TiffImagePlugin.IMAGELENGTH])
    except Exception:  # noqa: BLE001  (a damaged tag table raises anything; the caller reports the first error)
        return None


_HOW: dict[str, dict[str, int]] = {
    "JPEG": {"quality": 92},
    "WEBP": {"quality": 92},
    "PNG": {"compress_level": 3},  # Pillow's 6 takes more than twice the time for a photograph 8 % smaller
}


def encode_image(image: NDArray[np.uint8], suffix: str = ".png") -> bytes:
    """Return the bytes of a picture file.

    Parameters
    ----------
    image
        Shape (height, width) gray or (height, width, 3) RGB, ``uint8``.
    suffix
        Which format: one of `SUFFIXES` that Pillow writes.

    Raises
    ------
    ImageError
        For a format that cannot be written.
    """
    kind = Image.registered_extensions().get(suffix.lower())
    if kind not in ("PNG", "JPEG", "WEBP", "TIFF", "BMP"):
        raise ImageError(f"Pictures cannot be saved as {suffix!r}.", hint="Use .png, .jpg, .webp, .tiff or .bmp.")
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, kind, **_HOW.get(kind, {}))
    return buffer.getvalue()


def save_image(path: Path, image: NDArray[np.uint8]) -> None:
    """Write a picture, whole or not at all; the format is that of the suffix.

    Raises
    ------
    ImageError
        For a format that cannot be written, or a place that cannot.
    """
    data = encode_image(image, path.suffix)
    try:
        write_atomically(path, data)
    except OSError as error:
        raise ImageError(
            f"{path} cannot be written: {error.strerror or error}.", hint="Choose another folder, or free some space."
        ) from error
