"""Reads files that are named on its input, each in a child of its own with limits, and says what came of it.

One line in: a path. One line out, JSON: `refused` with the codes, `read` with the number of records, the codes of
problems and warnings, and whether the accounts add up, or `died` with how; with the seconds it took and the most memory
it had, in MiB.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import traceback
from pathlib import Path

import envrules as er

#: Of address space: what is more than this is refused by the system, so that a machine does not fall over in a test.
MOST_BYTES = 6 << 30
MOST_SECONDS = 120


def outcome(pack: er.Pack, path: str) -> dict[str, object]:
    """What checking a file comes to."""
    try:
        found = er.check(pack, [(None, path)], as_of="2020-12-31", engine="reference").dataset
    except er.EnvrulesError as error:
        lines = [d.line() for d in error.diagnostics]
        return {"end": "refused", "codes": sorted({d.code for d in error.diagnostics}), "lines": lines}
    except BaseException:
        return {"end": "died", "lines": traceback.format_exc().splitlines()[-8:]}
    return {
        "end": "read",
        "rows": sum(len(r) for r in found.records.values()),
        "adds_up": all(a.rows_read == a.rows_used + sum(a.skipped.values()) for a in found.accounts),
        "codes": sorted({p.code for p in found.problems} | {w.code for w in found.warnings}),
        "lines": [w.line()[:300] for w in found.warnings] + [p.reason[:300] for p in found.problems],
    }


def in_a_child(pack: er.Pack, path: str) -> dict[str, object]:
    """The outcome, from a child process that is stopped when it takes too long or too much."""
    begin = time.monotonic()
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receive)
        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
        with os.fdopen(send, "w") as pipe:
            json.dump(outcome(pack, path), pipe)
        os._exit(0)
    os.close(send)
    with os.fdopen(receive) as pipe:
        text = pipe.read()
    _, status, used = os.wait4(child, 0)
    found = json.loads(text) if text else {"end": "died", "lines": [f"status {status}"]}
    return {**found, "seconds": round(time.monotonic() - begin, 1), "mebibytes": used.ru_maxrss // 1024}


def main() -> None:
    pack = er.load_pack("jiuquan-2018")
    # What a child would import is imported here once; polars alone starts threads, which a fork does not survive.
    er.check(pack, {"boiler": []}, engine="reference")
    import envrules.records.json_files
    import envrules.records.text_files
    import envrules.records.workbooks  # noqa: F401

    for line in sys.stdin:
        print(json.dumps(in_a_child(pack, str(Path(line.rstrip("\n"))))), flush=True)


if __name__ == "__main__":
    main()
