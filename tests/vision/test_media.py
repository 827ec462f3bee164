from __future__ import annotations

import io
import struct
import threading
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from hdr.errors import ImageError, ImageTooLargeError, UnreadableImageError
from hdr.settings import InputSettings
from hdr.vision.media import encode_image, load_image, save_image, silence

RED = np.zeros((4, 6, 3), np.uint8)
RED[..., 0] = 200
RED[0, 0] = (10, 20, 30)


def file_of(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tiff"])
def test_what_is_saved_without_loss_comes_back(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"Ünïcode 数字{suffix}"
    save_image(path, RED)
    assert np.array_equal(load_image(path), RED)


@pytest.mark.parametrize("suffix", [".jpg", ".webp"])
def test_what_is_saved_with_loss_comes_back_nearly(tmp_path: Path, suffix: str) -> None:
    image = np.full((32, 32, 3), (200, 30, 30), np.uint8)
    save_image(tmp_path / f"a{suffix}", image)
    assert np.abs(load_image(tmp_path / f"a{suffix}").astype(int) - image).max() < 12


def test_bytes_are_read_like_a_file() -> None:
    assert np.array_equal(load_image(encode_image(RED)), RED)


def test_gray_becomes_rgb() -> None:
    gray = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert np.array_equal(load_image(encode_image(gray)), np.stack([gray] * 3, axis=2))


def test_a_palette_gives_its_colours() -> None:
    image = Image.fromarray(RED).quantize(4)
    assert np.abs(load_image(file_of(image, "PNG")).astype(int) - RED).max() < 10


def test_of_a_gif_the_first_frame_is_taken() -> None:
    frames = [Image.new("L", (5, 5), gray) for gray in (0, 255)]
    assert load_image(file_of(frames[0], "GIF", save_all=True, append_images=frames[1:])).max() == 0


def test_16_bit_gray_is_scaled_to_its_container() -> None:
    wide = np.array([[0, 257 * 100, 65535]], np.uint16)
    assert load_image(file_of(Image.fromarray(wide), "TIFF"))[0, :, 0].tolist() == [0, 100, 255]
    assert load_image(file_of(Image.fromarray(wide), "PNG"))[0, :, 0].tolist() == [0, 100, 255]


def test_12_bit_gray_in_16_bits_is_not_left_dark() -> None:
    wide = np.array([[0, 2048, 4095]], np.uint16)
    assert load_image(file_of(Image.fromarray(wide), "TIFF"))[0, :, 0].tolist() == [0, 128, 255]


def test_floating_point_gray_is_stretched_and_nan_is_black() -> None:
    image = Image.fromarray(np.array([[0.0, 0.5, 1.0, np.nan]], np.float32))
    assert load_image(file_of(image, "TIFF"))[0, :, 0].tolist() == [0, 128, 255, 0]


def test_16_bit_colour_tiff_is_read() -> None:
    wide = np.zeros((5, 7, 3), np.uint16)
    wide[..., 2] = 65535  # red, in OpenCV's order
    done, data = cv2.imencode(".tiff", wide)
    assert done
    assert load_image(data.tobytes())[0, 0].tolist() == [255, 0, 0]


def test_16_bit_colour_tiff_obeys_the_limit() -> None:
    done, data = cv2.imencode(".tiff", np.zeros((50, 70, 3), np.uint16))
    assert done
    with pytest.raises(ImageError):
        load_image(data.tobytes(), InputSettings(largest_pixels=100))


def test_cmyk_becomes_rgb() -> None:
    image = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    red, green, blue = load_image(file_of(image, "JPEG"))[8, 8]
    assert red > 200
    assert max(green, blue) < 60


def test_dark_ink_on_transparent_paper_is_seen_on_white() -> None:
    rgba = np.zeros((6, 6, 4), np.uint8)
    rgba[2:4, 2:4, 3] = 255
    image = load_image(file_of(Image.fromarray(rgba), "PNG"))
    assert image[0, 0].tolist() == [255] * 3
    assert image[2, 2].tolist() == [0] * 3


def test_light_ink_on_transparent_paper_is_seen_on_black() -> None:
    rgba = np.full((6, 6, 4), 255, np.uint8)
    rgba[..., 3] = 0
    rgba[2:4, 2:4, 3] = 255
    image = load_image(file_of(Image.fromarray(rgba), "PNG"))
    assert image[0, 0].tolist() == [0] * 3
    assert image[2, 2].tolist() == [255] * 3


def test_a_palette_with_a_transparent_colour_is_laid_on_paper() -> None:
    image = Image.new("P", (4, 4), 0)
    image.putpalette([9, 9, 9, 0, 0, 0])
    image.putpixel((1, 1), 1)
    loaded = load_image(file_of(image, "PNG", transparency=0))
    assert loaded[0, 0].tolist() == [255] * 3
    assert loaded[1, 1].tolist() == [0] * 3


def test_a_picture_that_was_turned_is_set_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter to the right
    image = Image.new("RGB", (8, 4))
    assert load_image(file_of(image, "JPEG", exif=exif)).shape == (8, 4, 3)


def bomb(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds nothing of it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(40_000, 40_000), (12_000, 12_000)])
def test_a_bomb_is_refused_before_it_is_decoded(width: int, height: int) -> None:
    with pytest.raises(ImageTooLargeError, match="too large") as caught:
        load_image(bomb(width, height))
    assert "largest_pixels" in caught.value.hint


def test_the_limit_is_a_setting() -> None:
    data = encode_image(np.zeros((10, 10), np.uint8))
    assert load_image(data, InputSettings(largest_pixels=100)).shape == (10, 10, 3)
    with pytest.raises(ImageTooLargeError, match="10 x 10"):
        load_image(data, InputSettings(largest_pixels=99))


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("empty.png", b"", "is empty"),
        ("text.png", b"this is no picture at all", "not a picture"),
        ("page.pdf", b"%PDF-1.7 ...", "is a PDF"),
        ("phone.heic", b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        ("script.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture"),
    ],
)
def test_what_is_no_picture_is_named(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(UnreadableImageError, match=says) as caught:
        load_image(path)
    assert name in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_truncated_file_is_refused(kind: str, part: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    data = file_of(Image.fromarray(noise), kind)
    with pytest.raises(UnreadableImageError):
        load_image(data[: int(len(data) * part)])


def test_damaged_bytes_never_end_in_anything_but_a_sentence() -> None:
    rng = np.random.default_rng(3)
    whole = [file_of(Image.fromarray(RED), kind) for kind in ("PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP")]
    for _ in range(150):
        data = bytearray(whole[rng.integers(len(whole))])
        for _ in range(4):
            data[rng.integers(len(data))] = rng.integers(256)
        try:
            image = load_image(bytes(data), InputSettings(largest_pixels=10_000))
        except ImageError:
            continue
        assert image.dtype == np.uint8
        assert image.shape[2] == 3


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableImageError, match="does not exist"):
        load_image(tmp_path / "nowhere.png")


def test_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableImageError, match="is a folder"):
        load_image(tmp_path)


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "secret.png"
    path.write_bytes(encode_image(RED))
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UnreadableImageError, match="cannot be opened: Permission denied"):
        load_image(path)


def test_a_name_that_no_system_takes_is_an_error_in_words() -> None:
    with pytest.raises(UnreadableImageError, match="cannot be opened"):
        load_image("a\0b.png")


def test_bytes_of_nothing() -> None:
    with pytest.raises(UnreadableImageError, match="is empty"):
        load_image(b"")


def test_a_format_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="cannot be saved"):
        save_image(tmp_path / "a.xyz", RED)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here")
    with pytest.raises(ImageError, match="cannot be written"):
        save_image(tmp_path / "file" / "a.png", RED)


def photograph(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Smooth colours, as most of a photograph is."""
    channels = len(mode)
    small = np.random.default_rng(width).integers(0, 256, (6, 8, channels), np.uint8)
    large = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    return Image.fromarray(large.squeeze(), mode if mode == "CMYK" else None)


@pytest.mark.parametrize(
    ("size", "comes"),
    [
        ((639, 400), (639, 400)),
        ((1279, 800), (1279, 800)),
        ((1280, 800), (640, 400)),
        ((2560, 1707), (640, 427)),
        ((300, 1600), (150, 800)),
        ((5200, 400), (650, 50)),
    ],
)
def test_of_a_large_jpeg_no_more_is_decoded_than_is_wanted(size: tuple[int, int], comes: tuple[int, int]) -> None:
    data = file_of(photograph(*size), "JPEG", quality=90)
    whole, part = load_image(data), load_image(data, least_px=640)
    assert part.shape == (comes[1], comes[0], 3)
    again = [cv2.resize(one, (60, 40), interpolation=cv2.INTER_AREA).astype(int) for one in (whole, part)]
    assert np.abs(again[0] - again[1]).mean() < 2


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGB"])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_part_of_any_jpeg_stands_upright(mode: str, progressive: bool) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    data = file_of(photograph(1600, 800, mode), "JPEG", exif=turned, progressive=progressive)
    assert load_image(data, least_px=400).shape == (400, 200, 3)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "BMP", "GIF"])
def test_of_other_formats_all_is_decoded(kind: str) -> None:
    data = file_of(photograph(90, 60), kind)
    assert np.array_equal(load_image(data, least_px=10), load_image(data))


def test_the_limit_is_of_the_whole_picture_not_of_the_part() -> None:
    data = file_of(photograph(800, 400), "JPEG")
    with pytest.raises(ImageTooLargeError, match="800 x 400"):
        load_image(data, InputSettings(largest_pixels=100_000), least_px=100)
    with pytest.raises(UnreadableImageError, match="cut off"):
        load_image(data[: len(data) // 2], least_px=100)


def test_threads_that_load_leave_the_warnings_as_they_were() -> None:
    before, data = list(warnings.filters), encode_image(RED)
    first, second = threading.Event(), threading.Event()

    def one() -> None:
        with silence():
            first.set()
            second.wait(10)

    thread = threading.Thread(target=one)
    thread.start()
    first.wait(10)
    with silence():
        load_image(data)
        second.set()
        thread.join()
        warnings.warn("nobody hears this", stacklevel=1)
    assert list(warnings.filters) == before
    with ThreadPoolExecutor(4) as pool:
        assert len({one.tobytes() for one in pool.map(load_image, [data] * 200)}) == 1
    assert list(warnings.filters) == before
