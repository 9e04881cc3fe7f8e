"""The result of an import as a file, streamed from its rows."""

from __future__ import annotations

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _

from colibox.lib import sheets
from imports import results
from imports.models import ImportJob

MOST_IN_WORKBOOK = 10_000
"""A workbook is made whole before it leaves: a longer result leaves as CSV, which streams."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


def result(job: ImportJob, kind: str, *, refused_only: bool) -> HttpResponseBase:
    """All rows with what was done, or the refused ones as they were sent, with what is wrong with each."""
    lines = results.result_lines(job, refused_only=refused_only)
    what = _("rows-to-correct") if refused_only else _("import-result")
    name = f"{what}-{job.account.number}-{job.number}.{kind}"
    if kind == "xlsx":
        return FileResponse(sheets.xlsx(lines, title=what), as_attachment=True, filename=name, content_type=XLSX)
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(sheets.csv_parts(lines), content_type=CSV, headers=disposition)
