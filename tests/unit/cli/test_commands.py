"""`envrules explain`, `rules`, `test`, `lint` and `schema`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from envrules.pack.source import shipped_folder

RULE = "coal.sulfur.built-up"


def test_an_outcome_is_explained_down_to_the_cell(run: Any, lots: Path) -> None:
    ran = run("explain", RULE, "--record", "L1", "--as-of", "2020-12-31", lots)
    assert ran.code == 0
    assert f"{RULE} on L1 = violation" in ran.out
    assert "read as '0.9'" in ran.out


def test_a_code_and_a_rule_are_explained_without_files(run: Any) -> None:
    assert run("explain", "unit-mismatch").out.startswith("# unit-mismatch\n")
    assert "建成区煤炭硫分" in run("explain", RULE).out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["unit-mismach"], "did you mean unit-mismatch?"),
        (["coal.sulfur.builtup"], "did you mean coal.sulfur.built-up?"),
        ([RULE, "--record", "L9", "LOTS"], "unknown-id"),
        ([RULE, "--record", "L1"], "say the files with the records"),
        ([RULE, "LOTS"], "say which record"),
        (["coal.*", "--record", "L1", "LOTS"], "unknown-rule"),
    ],
)
def test_what_cannot_be_explained(run: Any, lots: Path, arguments: list[str], message: str) -> None:
    ran = run("explain", *(a.replace("LOTS", str(lots)) for a in arguments))
    assert ran.code == 2
    assert message in ran.err


def test_rules_are_listed_and_shown(run: Any) -> None:
    assert "coal.sulfur.other" in run("rules").out
    assert "boiler" not in run("rules", "coal.*").out.replace("(coal)", "")
    assert "硫份超过0.8%" in run("rules", RULE).out
    found = json.loads(run("rules", "--clause", "四(三)2", "--record", "coal_lot", "--format", "json").out)
    assert {r["clause"] for r in found} == {"四(三)2"}
    assert run("rules", "nosuch").code == 2
    assert run("rules", "--format", "xml").code == 2


def small_pack(folder: Path, old: str = "", new: str = "") -> Path:
    """A pack of one rule, copied from the shipped one."""
    pack = folder / "small"
    (pack / "records").mkdir(parents=True)
    for name in ("pack.yaml", "records/waste_site.yaml"):
        shutil.copy(shipped_folder() / "jiuquan-2018" / name, pack / name)
    text = (pack / "pack.yaml").read_text("utf-8")
    (pack / "pack.yaml").write_text(text.replace("pack: jiuquan-2018", "pack: small"), "utf-8")
    clause = (shipped_folder() / "jiuquan-2018" / "4-5-4-waste-sites.yaml").read_text("utf-8")
    (pack / "clause.yaml").write_text(clause.replace(old, new) if old else clause, "utf-8")
    return pack


def test_cases_are_run(run: Any, tmp_path: Path) -> None:
    good = run("test", small_pack(tmp_path / "a"))
    assert good.code == 0
    assert "all hold" in good.out
    bad = run("test", small_pack(tmp_path / "b", "outcome: violation", "outcome: pass"))
    assert bad.code == 1
    assert "FAILED waste-site.remediated" in bad.out
    assert "failure" in bad.out.splitlines()[-1]


def test_a_pack_is_looked_over(run: Any, tmp_path: Path) -> None:
    assert run("lint", small_pack(tmp_path / "a")).code == 0
    bad = run("lint", small_pack(tmp_path / "b", ", zh: 固体废物堆存场所完成整治", ""))
    assert bad.code == 1
    assert "error[no-words]" in bad.out
    assert "1 rule, 1 error" in bad.out
    assert run("lint", tmp_path / "nosuch").code == 2


def test_the_schema_is_printed_and_written(run: Any, tmp_path: Path) -> None:
    printed = run("schema").out
    assert json.loads(printed)["$schema"].startswith("https://json-schema.org/")
    assert run("schema", "--out", tmp_path / "s.json").out == ""
    assert (tmp_path / "s.json").read_text("utf-8") == printed
