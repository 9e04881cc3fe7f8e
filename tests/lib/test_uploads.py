"""Files that come in with a request, whatever it asks for: all of them together are bounded."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from colibox.lib import uploads


def test_many_files_of_a_request_are_not_stored_beyond_what_one_may_have(settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    files = [SimpleUploadedFile("people.csv", b"x" * 400) for _ in range(10)]
    request = RequestFactory().post("/", {"file": files})
    assert [file.size for file in request.FILES.getlist("file")] == [400, 400]
    assert uploads.is_too_large(request)
