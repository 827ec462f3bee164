"""What takes long to find out about the captures, in the worker: wrong labels, doubles, what the model in use says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hdr.data.index import CaptureIndex
from hdr.errors import HdrError

if TYPE_CHECKING:
    from hdr.app.jobs import Job
    from hdr.classify.classifier import Classifier
    from hdr.data.duplicates import Duplicates
    from hdr.data.mistakes import Mistakes


def find_mistakes(job: Job, index: CaptureIndex) -> Mistakes:
    """Order crops by how likely their label is wrong."""
    from hdr.data.mistakes import find_capture_mistakes

    return find_capture_mistakes(index, progress=_progress(job))


def find_doubles(job: Job, index: CaptureIndex) -> Duplicates:
    """Look for crops that are there more than once."""
    from hdr.data.duplicates import find_duplicates

    return find_duplicates(index, _progress(job))


def ask_model(job: Job, index: CaptureIndex, classifier: Classifier) -> CaptureIndex:
    """Ask the model in use about every crop; what it said before is remembered beside the captures."""
    from hdr.data.judging import judge

    return judge(index, classifier, _progress(job))


def _progress(job: Job) -> Callable[[int, int], None]:
    def told(done: int, of: int) -> None:
        if job.cancelled.is_set():
            raise HdrError("Stopped.", hint="Begin again when you like.")  # nobody hears of it: the job was dropped
        job.report(done / max(1, of))

    return told
