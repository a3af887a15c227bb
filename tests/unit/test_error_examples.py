"""The examples on the error pages do what the pages say: the wrong one gives the page's code, the right one nothing.

The word after a block's language says what the block is: a `rule` beside the shipped record types (`lint` where it
loads and is found wanting), a part of a `pack` or of a `record` type, a whole `clause` file, or a table (`csv boiler`).
Other blocks are only read by people.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from textwrap import indent

import pytest

from envrules.diagnostics import EnvrulesError
from envrules.pack.pack import Pack

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "rules" / "jiuquan-2018"
BLOCK = re.compile(r"^```(\w+) (\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)

HEAD = "schema: envrules/1\n"
PACK = HEAD + "pack: example\nversion: 0.1.0\n"
RECORD = HEAD + "record: plant\n"
CLAUSE = HEAD + "clause: 四(三)3\nrules:\n  - id: example\n"


def examples() -> list[tuple[str, str, str, str, str]]:
    """(code, section, language, kind, text) of every block that is run."""
    found = []
    for page in sorted((ROOT / "docs" / "errors").glob("*.md")):
        sections = re.split(r"^## (.+)\n", page.read_text("utf-8"), flags=re.MULTILINE)[1:]
        for section, body in zip(sections[::2], sections[1::2], strict=True):
            found += [(page.stem, section, *match.groups()) for match in BLOCK.finditer(body)]
    return found


def codes_of_pack(folder: Path) -> list[str]:
    from envrules.pack.load import load_pack

    try:
        load_pack(folder)
    except EnvrulesError as error:
        return [d.code for d in error.diagnostics]
    return []


def write_rule(folder: Path, text: str) -> None:
    """A pack of one rule beside the shipped enumerations and those record types that it names."""
    folder.joinpath("records").mkdir()
    shutil.copytree(SHIPPED / "standards", folder / "standards")
    shutil.copy(SHIPPED / "pack.yaml", folder)
    wanted = set(re.findall(r"record: (\w+)", text))
    while wanted:  # a record type may be made of another
        path = SHIPPED / "records" / f"{wanted.pop()}.yaml"
        if path.exists() and not (folder / "records" / path.name).exists():
            shutil.copy(path, folder / "records")
            wanted |= set(re.findall(r"record: (\w+)", path.read_text("utf-8")))
    (folder / "clause.yaml").write_text(CLAUSE + indent(text, "    "), "utf-8")


def codes_of_rule(folder: Path, text: str) -> list[str]:
    write_rule(folder, "title: An example\n" + text)
    return codes_of_pack(folder)


def codes_of_lint(folder: Path, text: str) -> list[str]:
    """What a reviewer would say of a rule that loads."""
    from envrules.analysis.lint import lint
    from envrules.pack.load import load_pack

    write_rule(folder, text if "title:" in text else "title: An example\n" + text)
    return [d.code for d in lint(load_pack(folder))]


def codes_of_part(folder: Path, text: str) -> list[str]:
    (folder / "pack.yaml").write_text(PACK + text, "utf-8")
    return codes_of_pack(folder)


def codes_of_record(folder: Path, text: str) -> list[str]:
    folder.joinpath("records").mkdir()
    (folder / "pack.yaml").write_text(PACK, "utf-8")
    (folder / "records" / "plant.yaml").write_text(RECORD + text, "utf-8")
    return codes_of_pack(folder)


def codes_of_clause(folder: Path, text: str) -> list[str]:
    (folder / "pack.yaml").write_text(PACK, "utf-8")
    (folder / "clause.yaml").write_text(text, "utf-8")
    return codes_of_pack(folder)


@cache
def shipped() -> Pack:
    from envrules.pack.load import load_pack

    return load_pack(SHIPPED)


def codes_of_table(folder: Path, text: str, record_type: str) -> list[str]:
    """What is said about a table: unusable cells, and warnings that are not about what every short table lacks."""
    from envrules.records.read import read_inputs

    table = folder / f"{record_type}.csv"
    table.write_text(text, "utf-8")
    try:
        found = read_inputs([(record_type, table)], shipped().records, shipped().units)
    except EnvrulesError as error:
        return [d.code for d in error.diagnostics]
    return [p.code for p in found.problems] + [w.code for w in found.warnings]


KINDS: dict[str, Callable[[Path, str], list[str]]] = {
    "rule": codes_of_rule,
    "lint": codes_of_lint,
    "pack": codes_of_part,
    "record": codes_of_record,
    "clause": codes_of_clause,
}


@pytest.mark.parametrize(
    ("code", "section", "language", "kind", "text"), examples(), ids=[f"{e[0]}-{e[1].lower()}" for e in examples()]
)
def test_example(code: str, section: str, language: str, kind: str, text: str, tmp_path: Path) -> None:
    found = codes_of_table(tmp_path, text, kind) if language == "csv" else KINDS[kind](tmp_path, text)
    if section == "Wrong":
        assert code in found
    elif language == "csv" or kind == "lint":
        assert code not in found
    else:
        assert found == []


def test_there_are_examples() -> None:
    assert len(examples()) > 40
