"""pytest plugin: a worker that dies takes one test with it, which is named; the others run in the worker after it."""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler.loadgroup import LoadGroupScheduling
from xdist.workermanage import WorkerController


class Scheduling(LoadGroupScheduling):
    """Groups of tests, as xdist gives them out, which runs what killed a worker again and starves the next worker."""

    def remove_node(self, node: WorkerController) -> str | None:
        """Give back what a worker had not done, without the test that it died of: which one that is."""
        workload = self.assigned_work.pop(node)
        left = [(unit, test) for unit in workload.values() for test, done in unit.items() if not done]
        if not left:
            return None
        unit, killer = left[0]
        unit[killer] = True
        self.workqueue.update({scope: tests for scope, tests in workload.items() if not all(tests.values())})
        for other in self.assigned_work:
            self._reschedule(other)
        return killer

    def _reschedule(self, node: WorkerController) -> None:
        """Twice: a worker begins a test once it knows the next one, or that there is none."""
        super()._reschedule(node)
        super()._reschedule(node)


@pytest.hookimpl
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadGroupScheduling | None:
    return Scheduling(config, log) if config.getvalue("dist") == "loadgroup" else None
