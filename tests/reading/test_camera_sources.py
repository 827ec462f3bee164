from __future__ import annotations

import errno
import json
import os
import struct
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdr.errors import CameraError
from hdr.reading import sources_device, sources_list, sources_open
from hdr.reading.sources import Kind, SourceOptions, checked, has_end, kind_of, oriented, shown
from hdr.reading.sources_device import open_device, why_not
from hdr.reading.sources_list import CameraInfo, find_camera, list_cameras, sizes_of
from hdr.reading.sources_open import open_capture, why_lost
from hdr.reading.sources_pi import open_pi
from hdr.settings import LiveSettings

NO = SourceOptions()
linux = pytest.mark.skipif(sys.platform != "linux", reason="devices are files on Linux only")


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (0, Kind.DEVICE),
        ("12", Kind.DEVICE),
        ("/dev/video3", Kind.DEVICE),
        ("picamera", Kind.PI),
        ("picamera:1", Kind.PI),
        ("HTTP://phone/video", Kind.HTTP),
        ("rtsp://host/x", Kind.RTSP),
        ("film.mp4", Kind.FILM),
        ("page.png", Kind.IMAGES),
        ("loop.gif", Kind.FILM),
        ("frame_%04d.png", Kind.IMAGES),
        ("shots/*.jpg", Kind.IMAGES),
        ("Logitech", Kind.NAME),
        ("HD Webcam C270", Kind.NAME),
    ],
)
def test_what_a_person_means(source: int | str, kind: Kind) -> None:
    assert kind_of(source) is kind
    assert has_end(source) == (kind in (Kind.FILM, Kind.IMAGES))


def test_a_folder_is_its_pictures_and_a_file_without_an_ending_a_film(tmp_path: Path) -> None:
    (tmp_path / "film").write_bytes(b"x")
    assert kind_of(str(tmp_path)) is Kind.IMAGES
    assert kind_of(str(tmp_path / "film")) is Kind.FILM


@pytest.mark.parametrize("address", ["file:///etc/passwd", "concat://a", "udp://me:pw@host/"])
def test_other_addresses_are_refused_without_their_password(address: str) -> None:
    with pytest.raises(CameraError, match="no address of a camera") as caught:
        open_capture(address)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize("source", ["x" * 5000, "x" * 5000 + ".mp4", "*" * 3000, "a\0b", "a\0b.mp4", "/dev/\0"])
def test_what_can_be_no_name_is_no_source(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CameraError, match="There is no"):
        open_capture(source)


def test_a_link_to_a_device_is_that_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "resolve", lambda self: Path("/dev/video2"))
    assert shown("/dev/v4l/by-id/usb-Cam-index0") == "Camera 2"


@given(st.text(st.characters(exclude_characters="@"), min_size=3).filter(lambda text: text not in "http://host/video"))
def test_no_password_is_shown(password: str) -> None:
    assert shown(f"http://me:{password}@host/video") == "http://host/video"


def test_nor_one_that_stands_among_the_parameters() -> None:
    told = shown("rtsp://host/x?channel=1&user=me&pwd=hunter2&authToken=abc#x")
    assert told == "rtsp://host/x?channel=1&user=...&pwd=...&authToken=...#x"


@pytest.mark.parametrize(
    "frame",
    [None, np.zeros((0, 5, 3), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((4, 4, 2), np.uint8), np.uint8(3)],
)
def test_what_is_no_picture_is_refused(frame: Any) -> None:
    with pytest.raises(CameraError, match="no picture"):
        checked(frame, 0)


def test_giant_frames_are_refused() -> None:
    with pytest.raises(CameraError, match="100000 x 1000 pixels"):
        checked(np.lib.stride_tricks.as_strided(np.zeros(1, np.uint8), (1000, 100_000), (0, 0)), 0)


def test_gray_frames_and_those_with_one_channel_are_frames() -> None:
    gray = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert oriented(checked(gray[:, :, None], 0), NO)[:, :, 1].tolist() == gray.tolist()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (SourceOptions(), [[1, 2, 3], [4, 5, 6]]),
        (SourceOptions(mirror=True), [[3, 2, 1], [6, 5, 4]]),
        (SourceOptions(rotate=90), [[4, 1], [5, 2], [6, 3]]),
        (SourceOptions(rotate=180), [[6, 5, 4], [3, 2, 1]]),
        (SourceOptions(rotate=270), [[3, 6], [2, 5], [1, 4]]),
        (SourceOptions(rotate=90, mirror=True), [[1, 4], [2, 5], [3, 6]]),
    ],
)
def test_frames_are_turned_clockwise_and_then_mirrored(options: SourceOptions, expected: list[list[int]]) -> None:
    blue = np.zeros((2, 3, 3), np.uint8)
    blue[:, :, 0] = [[1, 2, 3], [4, 5, 6]]
    assert oriented(blue, options)[:, :, 2].tolist() == expected


def test_options_are_those_of_the_settings() -> None:
    settings = LiveSettings(mirror=True, rotate=90, width=320, height=240, fps=15.0)
    assert SourceOptions.of(settings, loop=True) == SourceOptions(True, 90, 320, 240, 15.0, True, True)


# Devices --------------------------------------------------------------------------------------------------------------


class Device:
    """As `cv2.VideoCapture`; quick with packed pictures only, where it is told so."""

    def __init__(self, *, opens: bool = True, rates: dict[str, float]) -> None:
        self.opens, self.rates, self.form, self.released = opens, rates, "YUYV", False
        self.asked: dict[int, float] = {}

    def __call__(self, index: int, backend: int) -> Device:
        self.index, self.backend = index, backend
        return self

    def isOpened(self) -> bool:
        return self.opens

    def get(self, name: int) -> float:
        return self.rates[self.form] if name == cv2.CAP_PROP_FPS else float(cv2.VideoWriter.fourcc(*self.form))

    def set(self, name: int, value: float) -> None:
        if name == cv2.CAP_PROP_FOURCC:
            self.form, self.asked = int(value).to_bytes(4, "little").decode(), {}  # a new format forgets the size
        else:
            self.asked[name] = value

    def release(self) -> None:
        self.released = True


@pytest.mark.parametrize(
    ("platform", "backend"),
    [("linux", cv2.CAP_V4L2), ("win32", cv2.CAP_DSHOW), ("darwin", cv2.CAP_AVFOUNDATION), ("aix", cv2.CAP_ANY)],
)
def test_each_system_is_asked_by_its_quickest_way(platform: str, backend: int) -> None:
    device = Device(rates={"YUYV": 30})
    assert open_device(1, NO, device, platform) is device
    assert (device.index, device.backend) == (1, backend)
    assert device.asked == {}


@pytest.mark.parametrize(("packed", "form"), [(30.0, "MJPG"), (10.0, "YUYV")])
def test_packed_pictures_are_asked_for_only_where_they_are_quicker(packed: float, form: str) -> None:
    device = Device(rates={"YUYV": 10, "MJPG": packed})
    open_device(0, SourceOptions(width=1280, height=720, fps=30), device, "linux")
    assert device.form == form
    assert list(device.asked.values()) == [1280, 720, 30]


def test_a_camera_that_does_not_tell_its_rate_is_left_as_it_is() -> None:
    device = Device(rates={"YUYV": 0, "MJPG": 60})
    open_device(0, NO, device, "linux")
    assert device.form == "YUYV"


def test_a_camera_that_does_not_open_is_let_go_and_told() -> None:
    device = Device(opens=False, rates={})
    with pytest.raises(CameraError, match=r"Camera 9 could not be opened.*Privacy & Security"):
        open_device(9, NO, device, "darwin")
    assert device.released


@pytest.fixture
def dev(tmp_path: Path) -> Path:
    (tmp_path / "video0").touch()
    (tmp_path / "proc").mkdir()
    return tmp_path


def test_a_device_that_nobody_holds_or_that_is_not_there_tells_nothing(dev: Path) -> None:
    assert why_not(0, "linux", dev, dev / "proc") is None
    assert why_not(5, "linux", dev, dev / "proc") is None
    assert why_not(0, "win32", dev, dev / "proc") is None


@linux
@pytest.mark.parametrize(
    ("process", "told"),
    [("77", "in use by cheese"), (str(os.getpid()), "in use by this window")],
    ids=["another", "ours"],
)
def test_who_holds_a_camera_is_named(dev: Path, process: str, told: str) -> None:
    folder = dev / "proc" / process
    (folder / "fd").mkdir(parents=True)
    (folder / "comm").write_text("cheese\n")
    (folder / "fd" / "3").symlink_to(dev / "elsewhere")
    (folder / "fd" / "4").symlink_to(dev / "video0")
    (dev / "proc" / "78" / "fd").mkdir(parents=True)
    (dev / "proc" / "78" / "fd" / "9").write_text("no link")
    assert told in str(why_not(0, "linux", dev, dev / "proc"))


def test_a_camera_that_is_busy_without_anybody_to_name(dev: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> int:
        raise OSError(errno.EBUSY, "busy")

    monkeypatch.setattr(os, "open", busy)
    assert "in use by another program" in str(why_not(0, "linux", dev, dev / "proc"))


def test_who_may_not_use_cameras_is_told_the_group(dev: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "usermod -aG video" in str(why_not(0, "linux", dev, dev / "proc"))


def test_a_lost_camera_that_another_program_took_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources_open, "why_not", lambda index: CameraError(f"{index} is in use"))
    assert str(why_lost(0)) == "0 is in use"


@linux
def test_with_a_real_virtual_camera() -> None:
    """Where the kernel has v4l2loopback and something feeds it."""
    virtual = [one for one in list_cameras() if "dummy" in one.name.lower() or "loopback" in one.name.lower()]
    if not virtual:
        pytest.skip("there is no v4l2loopback device on this machine")
    capture = open_capture(virtual[0].index)
    assert checked(capture.read()[1], 0).ndim == 3
    capture.release()


# The Pi's own ---------------------------------------------------------------------------------------------------------


class Picamera2:
    """As the library has it, but for the camera."""

    made: ClassVar[list[Picamera2]] = []
    infos: ClassVar[list[dict[str, object]]] = [{"Model": "imx708", "Id": "/base/soc/i2c0mux/imx708@1a"}]

    def __init__(self, index: int) -> None:
        if index >= len(self.infos):
            raise IndexError("list index out of range")
        self.log: list[object] = []
        self.made.append(self)

    @classmethod
    def global_camera_info(cls) -> list[dict[str, object]]:
        return [*cls.infos, {"Model": "UVC", "Id": "/base/usb@1"}]

    def create_video_configuration(self, **asked: object) -> dict[str, object]:
        return asked

    def configure(self, asked: dict[str, object]) -> None:
        self.log.append(asked)

    def start(self) -> None:
        self.log.append("start")

    def capture_array(self, stream: str) -> np.ndarray:
        if "gone" in self.log:
            raise RuntimeError("camera frontend has timed out")
        return np.full((480, 640, 3), (10, 20, 30), np.uint8)

    def stop(self) -> None:
        self.log.append("stop")

    def close(self) -> None:
        self.log.append("close")


@pytest.fixture
def pi(monkeypatch: pytest.MonkeyPatch) -> type[Picamera2]:
    module = types.ModuleType("picamera2")
    module.Picamera2 = Picamera2  # type: ignore[attr-defined]
    module.__spec__ = types.SimpleNamespace(name="picamera2")  # type: ignore[assignment]
    monkeypatch.setitem(sys.modules, "picamera2", module)
    Picamera2.made.clear()
    return Picamera2


def test_the_pis_camera_is_read_and_given_back(pi: type[Picamera2]) -> None:
    capture = open_capture("picamera", SourceOptions(width=1280, height=720, fps=20.0))
    assert capture.read()[1][0, 0].tolist() == [10, 20, 30]
    capture.release()
    asked = {"main": {"size": (1280, 720), "format": "RGB888"}, "controls": {"FrameRate": 20.0}}
    assert pi.made[0].log == [asked, "start", "stop", "close"]


def test_the_pis_camera_is_taken_where_opencv_cannot_open_its_own(pi: type[Picamera2]) -> None:
    open_device(0, NO, Device(opens=False, rates={}), "linux")
    assert pi.made[0].log[0]["main"]["size"] == (640, 480)  # type: ignore[index]


def test_a_device_of_the_pis_own_is_left_to_its_library(
    pi: type[Picamera2], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenCV opens it, and then waits ten seconds for each frame that never comes."""
    for number, name in ((0, "rp1-cfe-csi2_ch0"), (8, "HD Webcam")):
        (tmp_path / f"video{number}").mkdir()
        (tmp_path / f"video{number}" / "name").write_text(name)
    monkeypatch.setattr(sources_device, "SYS_CAMERAS", tmp_path)
    open_device(0, NO, Device(rates={"YUYV": 30}), "linux")
    open_device(8, NO, Device(rates={"YUYV": 30}), "linux")
    assert len(pi.made) == 1
    assert [one.index for one in list_cameras(tmp_path, platform="linux")] == [8, "picamera:0"]


def test_a_usb_camera_is_no_camera_of_the_pis_own(pi: type[Picamera2]) -> None:
    with pytest.raises(CameraError, match="could not be opened"):
        open_device(1, NO, Device(opens=False, rates={}), "linux")


def test_a_pi_camera_that_stops_and_one_that_is_not_there(pi: type[Picamera2]) -> None:
    capture = open_pi(0, NO)
    pi.made[0].log.append("gone")
    with pytest.raises(CameraError, match="timed out"):
        capture.read()
    with pytest.raises(CameraError, match="out of range"):
        open_pi(4, NO)


def test_without_the_library_it_is_told_how_to_get_it() -> None:
    with pytest.raises(CameraError, match="python3-picamera2"):
        open_pi(0, NO)


def test_a_library_that_is_broken_lists_nothing(pi: type[Picamera2], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pi, "global_camera_info", lambda: 1 / 0)
    assert list_cameras(Path("nowhere"), platform="linux") == []


# Which there are ------------------------------------------------------------------------------------------------------


def test_the_pis_cameras_are_listed_with_what_opens_them(pi: type[Picamera2]) -> None:
    assert list_cameras(Path("nowhere"), platform="linux") == [CameraInfo("picamera:0", "imx708")]


def driver(sizes: dict[int, list[tuple[int, ...]]]) -> Callable[[int, int, bytes], bytes]:
    """What Video4Linux answers: formats, and of each its sizes or the limits of them."""

    def ioctl(handle: int, request: int, data: bytes) -> bytes:
        index = struct.unpack_from("=I", data)[0]
        codes = list(sizes)
        if request == 0xC0405602:
            if index >= len(codes):
                raise OSError(errno.EINVAL, "no more")
            return struct.pack("=III32sI16x", index, 1, 0, b"a format", codes[index])
        assert request == 0xC02C564A
        code = struct.unpack_from("=II", data)[1]
        if index >= len(sizes[code]):
            raise OSError(errno.EINVAL, "no more")
        told = sizes[code][index]
        return struct.pack("=III", index, code, 1 if len(told) == 2 else 3) + struct.pack(
            "=6I8x", *(*told, 0, 0, 0, 0)[:6]
        )

    return ioctl


@linux
def test_the_sizes_that_a_camera_has() -> None:
    ask = driver({1: [(640, 480), (320, 240)], 2: [(640, 480)], 3: [(16, 1920, 2, 16, 1080, 2)]})
    assert sizes_of(Path(os.devnull), ask) == ((320, 240), (640, 480), (1920, 1080))
    assert sizes_of(Path(os.devnull), driver({})) == ()
    assert sizes_of(Path(os.devnull)) == ()
    assert sizes_of(Path("/dev/video-none")) is None


def test_a_driver_that_goes_on_for_ever_is_left() -> None:
    def endless(handle: int, request: int, data: bytes) -> bytes:
        return struct.pack("=III", 0, 1, 1) + struct.pack("=II", 8, 8) + bytes(len(data) - 20)

    assert sizes_of(Path(os.devnull), endless) == ((8, 8),)


@linux
def test_a_device_without_any_format_is_no_camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (0, 10):
        (tmp_path / f"video{number}").mkdir()
    monkeypatch.setattr(sources_list, "sizes_of", lambda device: () if device.name == "video10" else ((640, 480),))
    assert list_cameras(tmp_path, platform="linux") == [CameraInfo(0, "Camera 0", ((640, 480),))]


def test_macos_names_its_cameras_in_the_order_of_their_ids() -> None:
    told = [{"_name": "Studio", "spcamera_unique-id": "B"}, {"_name": "FaceTime", "spcamera_unique-id": "A"}]
    done = types.SimpleNamespace(stdout=json.dumps({"SPCameraDataType": told}))
    assert sources_list._mac_names(lambda *_, **__: done) == ["FaceTime", "Studio"]


@pytest.mark.parametrize("stdout", [b"", b"[]", b'{"SPCameraDataType": [3]}'])
def test_a_mac_that_says_nothing_of_use(stdout: bytes) -> None:
    assert sources_list._mac_names(lambda *_, **__: types.SimpleNamespace(stdout=stdout)) == []


def test_a_mac_without_its_profiler() -> None:
    def fails(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("x", 1)

    assert sources_list._mac_names(fails) == []


def test_macos_is_asked_for_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources_list, "_mac_names", lambda: ["FaceTime"])
    assert list_cameras(platform="darwin") == [CameraInfo(0, "FaceTime")]


CAMERAS = [CameraInfo(0, "HD Webcam"), CameraInfo(2, "HD Webcam C270"), CameraInfo("picamera:0", "imx708")]


@pytest.mark.parametrize(
    ("name", "found"), [("hd webcam", 0), ("C270", 2), ("imx", "picamera:0"), ("HD WEBCAM C270", 2)]
)
def test_a_camera_is_found_by_its_name_or_a_part_of_it(name: str, found: int | str) -> None:
    assert find_camera(name, CAMERAS) == found


def test_a_name_that_none_or_several_have() -> None:
    with pytest.raises(CameraError, match=r"2 cameras are called 'webcam'.*0 \(HD Webcam\), 2 \(HD Webcam C270\)"):
        find_camera("webcam", CAMERAS)
    with pytest.raises(CameraError, match="no camera is called 'moon'"):
        find_camera("moon", CAMERAS)
    with pytest.raises(CameraError, match="Cameras of this machine: none"):
        find_camera("moon", [])


def test_a_camera_is_opened_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    monkeypatch.setattr(sources_open, "find_camera", lambda name: 3)
    monkeypatch.setattr(sources_open, "open_device", lambda index, options: opened.append(index))
    open_capture("Logitech")
    assert opened == [3]
