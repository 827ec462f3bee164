"""A source to the frames that are to be read: of a file each one, of a camera the newest whenever there is time."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

from hdr.reading.camera import Camera, CameraState
from hdr.reading.sources import Frame, SourceOptions, checked, oriented, shown
from hdr.reading.sources_files import Looped
from hdr.reading.sources_open import open_capture, why_lost

_WAIT_S = 0.2
"""How long a stop may be missed."""

Tell = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Fed:
    """A frame to be read.

    Parameters
    ----------
    frame
        Shape (height, width, 3), ``uint8`` RGB.
    time_s
        Its place in a file; of a camera since its first frame.
    """

    frame: Frame
    time_s: float


def every_frame(source: str, options: SourceOptions, tell: Tell) -> Generator[Fed]:
    """Yield each frame of a video file or of pictures, none left out, as quickly as they are taken.

    Parameters
    ----------
    source, options
        As `open_capture` has them.
    tell
        Called with a sentence on what was passed over.

    Raises
    ------
    CameraError
        Where it cannot be opened, or holds no frame.
    """
    capture = open_capture(source, options, tell)
    assert isinstance(capture, Looped)
    try:
        got, frame = capture.read()
        if not got:
            raise why_lost(source)
        while got:
            yield Fed(oriented(checked(frame, source), options), capture.time_s)
            got, frame = capture.read()
    finally:
        capture.release()


def newest_frames(camera: Camera, tell: Tell) -> Generator[Fed | None]:
    """Yield the newest frame of a camera again and again, and None where none came for a while.

    Parameters
    ----------
    camera
        It has been started; whoever started it closes it.
    tell
        Called with a sentence when it is lost, and when it is back.

    Raises
    ------
    CameraError
        Where it could not be opened, or went away and is not looked for again.
    """
    began: float | None = None
    news = _News(camera)
    while True:
        captured = camera.capture(_WAIT_S)
        for sentence in news.since():
            tell(sentence)
        if captured is not None:
            began = captured.at if began is None else began
            yield Fed(captured.frame, captured.at - began)
        elif camera.state is CameraState.ENDED:
            return
        else:
            yield None


class _News:
    """What a person should be told of a camera, each thing once."""

    def __init__(self, camera: Camera) -> None:
        self._camera, self._told, self._lost = camera, "", False

    def since(self) -> Iterator[str]:
        """Yield what is new since the last time."""
        state, notice = self._camera.state, self._camera.notice
        if state is CameraState.RETRYING:
            return
        if notice != self._told and state is not CameraState.ENDED:
            self._told = notice
            if notice:
                yield notice
        if self._lost and state is CameraState.LIVE:
            yield f"{shown(self._camera.source)} is back."
        self._lost = state is CameraState.LOST


def source_name(source: int | str) -> str:
    """Return the source as it stands in what is printed and recorded: a number for a camera, no password."""
    return str(source) if isinstance(source, int) or "://" not in source else shown(source)
