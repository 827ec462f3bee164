from __future__ import annotations

import hashlib
import io
import struct
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mjpeg_server import Handler, jpeg, sends, serving

from hdr.errors import CameraError
from hdr.reading.camera import Camera, CameraState
from hdr.reading.sources import SourceOptions
from hdr.reading.sources_http import open_http
from hdr.reading.sources_open import open_capture
from hdr.reading.sources_parts import Parts

NO = SourceOptions()


def levels(url: str, count: int) -> list[int]:
    capture = open_http(url, NO, timeout_s=5)
    try:
        return [round(float(capture.read()[1].mean())) for _ in range(count)]
    finally:
        capture.release()


def read_to_the_end(url: str, timeout_s: float) -> None:
    capture = open_http(url, NO, timeout_s)
    try:
        while capture.read()[0]:
            pass
    finally:
        capture.release()


def refusal(url: str, timeout_s: float = 5) -> str:
    with pytest.raises(CameraError) as caught:
        read_to_the_end(url, timeout_s)
    return str(caught.value)


@pytest.mark.parametrize("length", [True, False], ids=["with lengths", "without lengths"])
def test_pictures_come_in_order_and_end(length: bool) -> None:
    with serving(sends(jpeg(10), jpeg(200), jpeg(90), length=length, then=lambda h: h.part(b""))) as server:
        assert levels(server.url(), 3) == [10, 200, 90]
        capture = open_capture(server.url(), NO)
        assert [capture.read()[0] for _ in range(4)] == [True, True, True, False]
        capture.release()


def test_a_picture_is_given_at_once_and_not_when_the_next_one_begins() -> None:
    done = threading.Event()
    with serving(sends(jpeg(10), then=lambda _: done.wait(10))) as server:
        assert levels(server.url(), 1) == [10]
        done.set()


def test_damaged_pictures_and_garbage_between_parts_are_passed_over() -> None:
    def answer(handler: Handler) -> None:
        handler.head()
        handler.wfile.write(bytes(range(256)) * 100 + b"\r\n")
        handler.part(b"no picture")
        handler.part(jpeg(10)[:40])
        handler.part(jpeg(60))

    with serving(answer) as server:
        assert levels(server.url(), 1) == [60]


def test_nothing_but_garbage_is_no_video() -> None:
    def answer(handler: Handler) -> None:
        handler.head()
        for _ in range(4000):
            handler.wfile.write(b"\x07" * 4096)

    with serving(answer) as server:
        assert "no end of a head" in refusal(server.url())


def test_parts_that_are_never_a_picture_are_no_video() -> None:
    with serving(sends(*[b"x"] * 200)) as server:
        assert "nothing that is a picture" in refusal(server.url())


def test_frames_may_change_their_size() -> None:
    with serving(sends(jpeg(10), jpeg(10, (32, 100)))) as server:
        capture = open_http(server.url(), NO)
        assert [capture.read()[1].shape for _ in range(2)] == [(48, 64, 3), (100, 32, 3)]
        capture.release()


def test_a_giant_picture_is_refused_before_it_is_unpacked() -> None:
    data = bytearray(jpeg(10))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", 65_000, 65_000)
    with serving(sends(bytes(data))) as server:
        assert "65000 x 65000" in refusal(server.url())


def test_a_part_that_says_it_is_giant_is_refused() -> None:
    def answer(handler: Handler) -> None:
        handler.head()
        handler.wfile.write(b"--frame\r\nContent-Length: 99999999999\r\n\r\n")

    with serving(answer) as server:
        assert "99,999,999,999 bytes" in refusal(server.url())


def test_a_slow_server_is_not_waited_for_without_an_end() -> None:
    over = threading.Event()

    def answer(handler: Handler) -> None:
        handler.head()
        handler.wfile.write(b"--frame\r\nContent-Length: 1000\r\n\r\n")
        while not over.wait(0.02):
            handler.wfile.write(b"x")

    with serving(answer) as server:
        assert "No whole picture came in 0.3 s" in refusal(server.url(), 0.3)
        over.set()


def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    over = threading.Event()
    with serving(lambda _: over.wait(10)) as server:
        assert "does not answer" in refusal(server.url(), 0.2)
        over.set()


def test_a_head_without_an_end_is_refused() -> None:
    def answer(handler: Handler) -> None:
        handler.send_response(200)
        for number in range(300):
            handler.send_header(f"X-{number}", "x" * 1000)
        handler.end_headers()

    with serving(answer) as server:
        assert "cannot be read (HTTPException)" in refusal(server.url())


@pytest.mark.parametrize("target", ["file:///etc/hostname", "ftp://127.0.0.1/x", "gopher://127.0.0.1/"])
def test_only_http_is_followed(target: str) -> None:
    with serving(lambda handler: handler.head(code=302, Location=target)) as server:
        assert "redirects" in refusal(server.url())


def test_a_redirect_to_http_is_followed_but_not_for_ever() -> None:
    def answer(handler: Handler) -> None:
        if handler.path == "/video":
            handler.head(code=302, Location="/really")
        elif handler.path == "/circle":
            handler.head(code=302, Location="/circle")
        else:
            sends(jpeg(30))(handler)

    with serving(answer) as server:
        assert levels(server.url(), 1) == [30]
        assert "redirects too often" in refusal(server.url("/circle"))


def test_a_page_is_no_video_and_the_sentence_says_where_the_video_may_be() -> None:
    with serving(lambda handler: handler.head("text/html")) as server:
        assert "sends text/html, which is no video. Give the address of the video itself" in refusal(server.url("/"))


@pytest.mark.parametrize(("code", "told"), [(404, "error 404"), (403, "asks for a name"), (500, "error 500")])
def test_errors_are_told(code: int, told: str) -> None:
    with serving(lambda handler: handler.head(code=code)) as server:
        assert told in refusal(server.url())


@pytest.mark.parametrize("scheme", ["Basic", "Digest"])
def test_the_password_of_the_address_is_given_to_who_asks_and_told_to_nobody(scheme: str) -> None:
    realm = 'Basic realm="c"' if scheme == "Basic" else 'Digest realm="c", nonce="n", qop="auth", algorithm=MD5'

    def answer(handler: Handler) -> None:
        if handler.headers.get("Authorization", "").startswith(scheme):
            sends(jpeg(70))(handler)
        else:
            handler.head(code=401, WWW_Authenticate=realm)

    with serving(answer) as server:
        assert levels(server.url(who="me:s%40cret@"), 1) == [70]
        assert server.requests[0] == ("/video", "")
        told = server.requests[1][1]
        if scheme == "Basic":
            assert told == "Basic bWU6c0BjcmV0"
        else:
            ha1 = hashlib.md5(b"me:c:s@cret").hexdigest()
            ha2 = hashlib.md5(b"GET:/video").hexdigest()
            given = dict(part.split("=", 1) for part in told.removeprefix("Digest ").replace('"', "").split(", "))
            expected = ":".join((ha1, "n", given["nc"], given["cnonce"], "auth", ha2))
            assert given["response"] == hashlib.md5(expected.encode()).hexdigest()


def test_a_wrong_password_is_not_printed() -> None:
    with serving(lambda h: h.head(code=401, WWW_Authenticate='Basic realm="c"')) as server:
        told = refusal(server.url("/video?pwd=hunter2", who="me:secret@"))
        assert "asks for a name and a password" in told
        assert "secret" not in told
        assert "hunter2" not in told


def test_who_speaks_no_tls_is_tried_without() -> None:
    with serving(sends(jpeg(1))) as server:
        assert "try http:// in place of https://" in refusal(server.url().replace("http:", "https:"))


@pytest.mark.parametrize("address", ["http://", "http:///x", "http://host:port/x", "http://[::1/x", "http://u:p/w@h/"])
def test_what_is_no_address(address: str) -> None:
    told = refusal(address)
    assert "is no address" in told
    assert "p/w" not in told


def test_one_picture_at_a_time_is_asked_for_again_and_again() -> None:
    def answer(handler: Handler) -> None:
        handler.head("image/jpeg")
        handler.wfile.write(jpeg(20 * len(handler.requests)))

    with serving(answer) as server:
        capture = open_http(server.url(), SourceOptions(fps=1000))
        assert [round(float(capture.read()[1].mean())) for _ in range(3)] == [40, 60, 80]
        capture.release()


def test_a_video_that_a_server_sends_as_a_file(tmp_path: Path) -> None:
    import cv2

    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, (64, 48))
    writer.write(np.full((48, 64, 3), 200, np.uint8))
    writer.release()

    def answer(handler: Handler) -> None:
        handler.head("video/x-msvideo", Content_Length=str(path.stat().st_size))
        handler.wfile.write(path.read_bytes())

    with serving(answer) as server:
        capture = open_http(server.url(), NO)
        assert capture.read()[1].shape == (48, 64, 3)
        capture.release()


def test_a_playlist_that_names_local_files_is_not_played(tmp_path: Path) -> None:
    film = tmp_path / "film.ts"
    film.write_bytes(b"G" * 188 * 20)
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{film}\n#EXT-X-ENDLIST\n".encode()

    def answer(handler: Handler) -> None:
        handler.head("application/octet-stream", Content_Length=str(len(playlist)))
        handler.wfile.write(playlist)

    with serving(answer) as server:
        assert "sends no video" in refusal(server.url("/list.m3u8"))


def test_a_dropped_connection_is_taken_up_again() -> None:
    with serving(sends(jpeg(10), jpeg(20))) as server:
        camera = Camera(server.url(), retry=True, pauses_s=(0.01,)).start()
        try:
            numbers = set()
            while len(server.requests) < 3:
                captured = camera.capture(0.05)
                numbers.add(captured.number if captured else -1)
            assert max(numbers) >= 1
            assert camera.state is not CameraState.ENDED
        finally:
            camera.close()


def test_a_stream_that_ends_and_is_not_looked_for_says_so() -> None:
    with serving(sends(jpeg(10))) as server:
        camera = Camera(server.url(who="u:pw@")).start()
        with pytest.raises(CameraError, match=r"sends no more pictures") as caught:
            all(camera.frame(0.05) is not False for _ in range(1000))
        assert "pw" not in str(caught.value)
        assert "pw" not in camera._thread.name


class Pieces(io.RawIOBase):
    """Gives out what it was given, in pieces of these sizes."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        self.data, self.sizes = data, sizes

    def read1(self, most: int) -> bytes:
        size = min(most, self.sizes.pop(0) if self.sizes else most)
        piece, self.data = self.data[:size], self.data[size:]
        return piece


@settings(max_examples=60, deadline=None)
@given(
    parts=st.lists(st.binary(max_size=300).filter(lambda data: b"--b" not in data), max_size=5),
    sizes=st.lists(st.integers(1, 50), max_size=40),
    lengths=st.booleans(),
)
def test_parts_come_back_however_they_are_cut(parts: list[bytes], sizes: list[int], lengths: bool) -> None:
    told = b"".join(
        b"--b\r\n%b\r\n%b\r\n" % (b"Content-Length: %d\r\n" % len(part) if lengths else b"", part) for part in parts
    )
    reader = Parts(Pieces(told + b"--b--\r\n", sizes), b"--b", 1000, 10)
    found = []
    while (part := reader.next()) is not None:
        found.append(part)
    wanted = parts if lengths else [part.rstrip(b"\r\n") for part in parts]
    assert found[: len(parts)] == wanted


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=5000), sizes=st.lists(st.integers(1, 500), max_size=10))
def test_whatever_comes_there_is_an_end(data: bytes, sizes: list[int]) -> None:
    reader = Parts(Pieces(data, sizes), b"b", 1000, 10)
    try:
        while reader.next() is not None:
            pass
    except CameraError:
        pass
