"""A real server of MJPEG on the loopback, which misbehaves as a test wants it to."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np

Answer = Callable[["Handler"], None]
BOUNDARY = "frame"


def jpeg(level: int = 128, size: tuple[int, int] = (64, 48)) -> bytes:
    """A gray picture of this (width, height)."""
    return bytes(cv2.imencode(".jpg", np.full((size[1], size[0], 3), level, np.uint8))[1])


class Handler(BaseHTTPRequestHandler):
    """Does what its server's ``answer`` says."""

    answer: Answer
    requests: list[tuple[str, str]]

    def do_GET(self) -> None:
        self.requests.append((self.path, self.headers.get("Authorization", "")))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            type(self).answer(self)

    def head(self, kind: str = f"multipart/x-mixed-replace; boundary={BOUNDARY}", code: int = 200, **more: str) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        for name, value in more.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def part(self, data: bytes, *, length: bool = True) -> None:
        told = f"Content-Length: {len(data)}\r\n" if length else ""
        self.wfile.write(f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\n{told}\r\n".encode() + data + b"\r\n")

    def log_message(self, *args: object) -> None:
        """Nothing is logged."""


def sends(*pictures: bytes, length: bool = True, then: Answer = lambda _: None) -> Answer:
    """An answer of so many pictures, and then the connection ends."""

    def answer(handler: Handler) -> None:
        handler.head()
        for picture in pictures:
            handler.part(picture, length=length)
        then(handler)

    return answer


class Serving:
    """The server's address, and what it was asked: paths with what came as authorization."""

    def __init__(self, port: int, requests: list[tuple[str, str]]) -> None:
        self.port, self.requests = port, requests

    def url(self, path: str = "/video", who: str = "") -> str:
        return f"http://{who}127.0.0.1:{self.port}{path}"


@contextlib.contextmanager
def serving(answer: Answer) -> Iterator[Serving]:
    """A server that gives this answer to whatever it is asked."""
    requests: list[tuple[str, str]] = []
    kind = type("OneHandler", (Handler,), {"answer": staticmethod(answer), "requests": requests})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Serving(server.server_port, requests)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
