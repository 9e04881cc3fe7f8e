"""Files that come in: what is far too large is let pass by and never stored."""

from __future__ import annotations

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

MARK = "upload_is_too_large"


class Bounded(FileUploadHandler):
    """Before the handlers that store: leaves out whatever makes the files of a request longer than UPLOAD_MAX_BYTES."""

    received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > settings.UPLOAD_MAX_BYTES:
            setattr(self.request, MARK, True)
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> UploadedFile[bytes] | None:
        return None


def is_too_large(request: HttpRequest) -> bool:
    """Whether a file of this request was left out for the size of all."""
    return bool(request.FILES is not None and getattr(request, MARK, False))
