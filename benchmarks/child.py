"""One measurement, in a process of its own: `python -m benchmarks.child JOB`, which prints a line of JSON.

A job is `{"task": "module:function", ...}`; the function does what is not measured, times what is with a `Stopwatch`,
and gives what is to be compared.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any

_STATUS, _REFS = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class Stopwatch:
    """Times a block, and takes the most memory that the process held meanwhile.

    The memory is that of the whole process, with the input it was given; `before` is what it held when the block began.
    """

    seconds = 0.0
    peak = 0.0
    before = 0.0

    def __enter__(self) -> Stopwatch:
        gc.collect()
        self.before = _memory("VmRSS")
        _forget_peak()
        self._begun = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seconds = time.perf_counter() - self._begun
        self.peak = _memory("VmHWM")


def _memory(name: str) -> float:
    """Megabytes (of 1024 * 1024 bytes) from the kernel's account of this process."""
    if not _STATUS.exists():
        import resource

        # Kilobytes on Linux, bytes on macOS; here it cannot be reset, so the peak includes the loading of the input.
        size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return size / 2**20 if sys.platform == "darwin" else size / 1024
    line = next(x for x in _STATUS.read_text().splitlines() if x.startswith(name))
    return int(line.split()[1]) / 1024


def _forget_peak() -> None:
    try:
        _REFS.write_text("5")
    except OSError:
        return


def main() -> None:
    job = json.loads(sys.argv[1])
    module, _, function = job.pop("task").partition(":")
    watch = Stopwatch()
    given = getattr(import_module(f"benchmarks.{module}"), function)(watch, **job)
    found: dict[str, Any] = {"seconds": watch.seconds, "peak": watch.peak, "before": watch.before, "given": given}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
