"""What screening writes, as it was last looked at: example projects as text in both languages, data and pictures."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import envrules as er
from envrules.screening.decision import Decision

FOLDER = Path(__file__).parent / "screening"
EXAMPLES = Path(__file__).parents[2] / "examples"
#: A project, and the pack that screens it.
PROJECTS = {
    "heating": ("project-heating.yaml", "jiuquan-2018"),
    "tannery": ("project-tannery.yaml", "jiuquan-2018"),
    "open": ("project-open.yaml", "jiuquan-2018"),
    "linked": ("project-linked.yaml", "heat-plan"),
}
FORMS: dict[str, Callable[[Decision], str]] = {
    "en.txt": lambda d: d.text() + "\n",
    "zh.txt": lambda d: d.text("zh") + "\n",
    "json": lambda d: json.dumps(d.as_dict(), ensure_ascii=False, indent=1) + "\n",
    "tree.txt": lambda d: d.explain().text() + "\n",
    "zh.mmd": lambda d: d.to_mermaid("zh"),
    "svg": lambda d: d.to_svg(),
}


def decision(name: str) -> Decision:
    file, pack = PROJECTS[name]
    # Which engine answers depends on this Python, and is told elsewhere.
    source = EXAMPLES / pack if (EXAMPLES / pack).is_dir() else pack
    return er.screen(source, EXAMPLES / file, as_of="2020-12-31", engine="reference")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", PROJECTS)
def test_what_is_written(name: str, form: str) -> None:
    made = FORMS[form](decision(name)).replace(f"{EXAMPLES}{os.sep}", "")
    path = FOLDER / f"{name}.{form}"
    if os.environ.get("ACCEPT"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text(made, "utf-8")
    assert made == path.read_text("utf-8"), "look at it, and `make accept` if it is right"
