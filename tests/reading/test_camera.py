from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_camera import FakeCamera

from hdr.errors import CameraError
from hdr.reading.camera import Camera, CameraState, Mailbox
from hdr.reading.sources import SourceOptions
from hdr.reading.sources_list import CameraInfo, list_cameras
from hdr.reading.sources_open import open_capture
from hdr.vision.media import save_image


def frame(level: int) -> np.ndarray:
    return np.full((4, 6, 3), (level, 0, 255), np.uint8)


def next_frame(camera: Camera, timeout_s: float = 10) -> np.ndarray:
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        got = camera.frame(0.05)
        if got is not None:
            return got
    raise AssertionError("no frame came")


def wait_for(camera: Camera, state: CameraState) -> None:
    end = time.monotonic() + 10
    while camera.state is not state:
        assert time.monotonic() < end, camera.state
        camera.frame(0.01)


def gone(camera: Camera) -> CameraError:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            camera.frame(0.05)
        except CameraError as error:
            return error
    raise AssertionError("it did not go away")


def test_of_several_items_the_mailbox_keeps_the_newest() -> None:
    box = Mailbox()
    assert box.take() is None
    box.put(1)
    box.put(2)
    assert box.take() == 2
    assert box.take(0.01) is None


def test_taking_waits_for_an_item() -> None:
    box = Mailbox()
    threading.Timer(0.05, box.put, [7]).start()
    assert box.take(5) == 7


def test_frames_come_as_rgb() -> None:
    camera = Camera(0, FakeCamera([frame(10)], endless=True).open).start()
    assert next_frame(camera)[0, 0].tolist() == [255, 0, 10]
    camera.close()


def test_closing_gives_the_device_back() -> None:
    fake = FakeCamera([frame(10)], endless=True)
    camera = Camera(0, fake.open).start()
    next_frame(camera)
    camera.close()
    assert fake.released


def test_a_camera_that_vanishes_says_so_and_is_given_back() -> None:
    fake = FakeCamera([frame(10)], endless=True)
    camera = Camera(3, fake.open).start()
    next_frame(camera)
    fake.unplug()
    assert "Camera 3 gives no more pictures" in str(gone(camera))
    camera.close()
    assert fake.released


def test_a_camera_without_any_frame_says_so() -> None:
    assert "gives no more" in str(gone(Camera(0, FakeCamera([]).open).start()))
    assert "holds no picture" in str(gone(Camera("film.mp4", FakeCamera([]).open).start()))


def test_an_opener_that_fails_is_heard_where_frames_are_asked_for() -> None:
    def fail(source: int | str) -> FakeCamera:
        raise CameraError(f"busy: {source}")

    assert str(gone(Camera(0, fail).start())) == "busy: 0"


def test_opening_is_never_waited_for() -> None:
    gate = threading.Event()

    def slow(source: int | str) -> FakeCamera:
        gate.wait(10)
        return FakeCamera([frame(1)], endless=True)

    camera = Camera(0, slow).start()
    assert camera.frame() is None
    gate.set()
    next_frame(camera)
    camera.close()


@pytest.mark.skipif(sys.platform != "linux", reason="devices are looked up so on Linux only")
def test_a_camera_that_is_not_there() -> None:
    with pytest.raises(CameraError, match="There is no camera 62"):
        open_capture(62)


def test_a_video_that_is_not_there() -> None:
    with pytest.raises(CameraError, match="no video file nowhere"):
        open_capture("nowhere.mp4")


def test_a_file_that_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"not a film" * 100)
    with pytest.raises(CameraError, match="could not be opened"):
        open_capture(str(path))


def test_a_real_video_file_is_read_to_its_end(tmp_path: Path) -> None:
    import cv2

    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, (64, 48))
    for _ in range(3):
        writer.write(np.full((48, 64, 3), 200, np.uint8))
    writer.release()
    camera = Camera(str(path)).start()
    assert next_frame(camera).shape == (48, 64, 3)
    wait_for(camera, CameraState.ENDED)
    assert camera.frame() is None
    assert camera.notice == ""


def test_linux_says_what_cameras_there_are(tmp_path: Path) -> None:
    for number, index, name in ((2, "0", "Front"), (0, "0", ""), (1, "1", "metadata of 0")):
        folder = tmp_path / f"video{number}"
        folder.mkdir()
        (folder / "index").write_text(index)
        if name:
            (folder / "name").write_text(name + "\n")
    (tmp_path / "videos").mkdir()
    assert list_cameras(tmp_path, platform="linux") == [CameraInfo(0, "Camera 0"), CameraInfo(2, "Front")]
    assert list_cameras(tmp_path / "nothing", platform="linux") == []


def test_elsewhere_the_first_indices_are_tried() -> None:
    tried = []

    def opener(source: int | str) -> FakeCamera:
        tried.append(source)
        if source != 1:
            raise CameraError("none")
        return FakeCamera([])

    assert list_cameras(opener=opener, platform="darwin") == [CameraInfo(1, "Camera 1")]
    assert tried == [0, 1, 2, 3]


# One that goes away and comes back ------------------------------------------------------------------------------------


def test_a_camera_that_was_unplugged_is_looked_for_again_and_goes_on() -> None:
    fake = FakeCamera([frame(10)], endless=True)
    camera = Camera(0, fake.open, retry=True, pauses_s=(0.01,)).start()
    next_frame(camera)
    assert (camera.state, camera.notice) == (CameraState.LIVE, "")
    fake.unplug()
    while not camera.notice:
        camera.frame(0.01)
    assert camera.notice.startswith("Camera 0 gives no more pictures; it may have been unplugged. Looking for it again")
    fake.plug_in()
    wait_for(camera, CameraState.LIVE)
    assert camera.notice == ""
    camera.close()
    assert camera.state is CameraState.ENDED


def test_the_pauses_grow_to_the_longest_and_begin_anew_after_a_frame() -> None:
    class Waits(threading.Event):
        waited: list[float] = []  # noqa: RUF012  (one camera is made here)

        def wait(self, timeout: float | None = None) -> bool:
            self.waited.append(timeout or 0)
            return len(self.waited) >= 8 and (self.set() or True)

    opened: list[int] = []

    def opener(source: int | str) -> FakeCamera:
        opened.append(1)
        if len(opened) in (1, 6):
            return FakeCamera([frame(1)])
        raise CameraError("It is away.")

    camera = Camera(0, opener, retry=True, pauses_s=(1, 2, 4))
    camera._stop = Waits()
    camera.start()
    wait_for(camera, CameraState.ENDED)
    assert Waits.waited == [1, 2, 4, 4, 4, 1, 2, 4]


def test_a_camera_that_was_never_there_is_not_looked_for() -> None:
    def opener(source: int | str) -> FakeCamera:
        raise CameraError("There is none.")

    assert str(gone(Camera(0, opener, retry=True).start())) == "There is none."


def test_a_camera_that_is_waited_for_may_come_later() -> None:
    tries: list[int] = []

    def opener(source: int | str) -> FakeCamera:
        tries.append(1)
        if len(tries) < 3:
            raise CameraError("There is none yet.")
        return FakeCamera([frame(1)], endless=True)

    camera = Camera(0, opener, wait=True, pauses_s=(0.01,)).start()
    next_frame(camera)
    assert len(tries) == 3
    camera.close()


def test_closing_ends_the_longest_pause() -> None:
    fake = FakeCamera([frame(1)])
    camera = Camera(0, fake.open, retry=True, pauses_s=(3600,)).start()
    wait_for(camera, CameraState.LOST)
    camera.close(10)
    assert camera.state is CameraState.ENDED


def test_a_bug_of_an_opener_is_not_hidden() -> None:
    camera = Camera(0, lambda source: 1 / 0, retry=True).start()  # type: ignore[arg-type,return-value]
    with pytest.raises(ZeroDivisionError):
        gone(camera)


def test_what_opencv_cannot_unpack_is_a_camera_lost() -> None:
    import cv2

    class Damaged(FakeCamera):
        def read(self) -> tuple[bool, Any]:
            raise cv2.error("(-215) bad MJPEG")

    assert "gives no more pictures" in str(gone(Camera(0, Damaged([]).open).start()))


def test_frames_that_are_none_end_the_camera_with_a_sentence() -> None:
    assert "no picture" in str(gone(Camera(0, FakeCamera([np.zeros((4, 4, 5), np.uint8)]).open).start()))


def test_a_frame_is_turned_as_the_options_say_while_it_runs() -> None:
    camera = Camera(0, FakeCamera([frame(10)], endless=True).open, SourceOptions(rotate=90)).start()
    assert next_frame(camera).shape == (6, 4, 3)
    camera.options = SourceOptions()
    assert next_frame(camera).shape == (4, 6, 3)
    camera.close()


def test_a_picture_that_is_passed_over_is_told(tmp_path: Path) -> None:
    save_image(tmp_path / "1.png", frame(1))
    (tmp_path / "2.png").write_bytes(b"damaged")
    camera = Camera(str(tmp_path), options=SourceOptions(loop=True)).start()
    while not camera.notice:
        camera.frame(0.01)
    assert "2.png" in camera.notice
    camera.close()
