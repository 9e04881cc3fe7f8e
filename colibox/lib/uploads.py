"""Files that come in: what is far too large is let pass by and never stored."""

from __future__ import annotations

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

MARK = "upload_is_too_large"


class Bounded(FileUploadHandler):
    """Before the handlers that store: leaves out a file as soon as it is longer than UPLOAD_MAX_BYTES."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > settings.UPLOAD_MAX_BYTES:
            setattr(self.request, MARK, True)
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> UploadedFile[bytes] | None:
        return None


def is_too_large(request: HttpRequest) -> bool:
    """Whether a file of this request was left out for its size."""
    return bool(request.FILES is not None and getattr(request, MARK, False))
