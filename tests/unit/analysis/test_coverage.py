"""Every clause of the shipped pack's document has rules or a reason for none, and `docs/coverage.md` says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from envrules import api
from envrules.analysis.coverage import coverage, coverage_page
from envrules.analysis.document import load_document, parse_document
from envrules.cli.run import run
from envrules.pack.pack import Pack

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "rules" / "jiuquan-2018"

RECORD = "schema: envrules/1\nrecord: plant\nfields: {closed: {kind: bool}}\n"
RULE = "  - {{id: {0}, title: T, citation: {{phrase: 关停}}, record: plant, require: closed}}\n"


def write_pack(folder: Path, clauses: str, rules: dict[str, str]) -> Path:
    (folder / "records").mkdir(exist_ok=True)
    head = "schema: envrules/1\npack: example\nversion: 0.1.0\n"
    (folder / "pack.yaml").write_text(f"{head}clauses: {clauses}\n", "utf-8")
    (folder / "records" / "plant.yaml").write_text(RECORD, "utf-8")
    for rule, clause in rules.items():
        text = f"schema: envrules/1\nclause: {clause}\nrules:\n{RULE.format(rule)}"
        (folder / f"{rule}.yaml").write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def shipped() -> Pack:
    return api.load_pack(SHIPPED)


def test_shipped_pack_has_no_gap(shipped: Pack) -> None:
    assert [fault.en for fault in coverage(shipped).faults()] == []


def test_page_is_as_the_pack_is(shipped: Pack) -> None:
    page = (ROOT / "docs" / "coverage.md").read_text("utf-8")
    assert page == coverage_page(shipped), "stale: envrules coverage --format md --out docs/coverage.md"


def test_tree_is_the_document_s(shipped: Pack) -> None:
    file = ROOT.parent / "shared" / "plan" / "jiuquan-2018.txt"
    if not file.exists():
        pytest.skip("the plan's text is not beside the project")
    found = coverage(shipped, load_document(file))
    assert (found.absent, found.surplus) == ((), ())


def test_every_state(tmp_path: Path) -> None:
    clauses = (
        "[{id: 一, clauses: [{id: 一(一)}, {id: 一(二), no_rules: Advice.}, {id: 一(三)}]}, "
        "{id: 二, no_rules: Advice.}, {id: 附件, no_rules: A list.}]"
    )
    folder = write_pack(tmp_path, clauses, {"first": "一(一)", "second": "二", "third": "九"})
    found = coverage(api.load_pack(folder))
    assert [(c.id, c.state) for c in found.clauses] == [
        ("一", "heading"),
        ("一(一)", "rules"),
        ("一(二)", "reason"),
        ("一(三)", "gap"),
        ("二", "both"),
        ("附件", "reason"),
    ]
    assert found.share("rules") == 20
    assert [fault.en for fault in found.faults()] == [
        "一(三) has neither rules nor a reason for none",
        "二 gives a reason for having no rules, but has second",
        "third cites 九, which is not in the clause tree",
    ]
    assert not found.ok


def test_rule_of_a_heading_counts(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, "[{id: 一, clauses: [{id: 一(一), no_rules: Advice.}]}]", {"first": "一"})
    assert [c.state for c in coverage(api.load_pack(folder)).clauses] == ["rules", "reason"]


def test_document_and_tree_compared(tmp_path: Path) -> None:
    clauses = "[{id: 一}, {id: 二, no_rules: Advice.}, {id: 附件, no_rules: A list.}]"
    pack = api.load_pack(write_pack(tmp_path, clauses, {"first": "一"}))
    same = parse_document("一、目标\n关停。\n二、要求\n落实。\n附件\n一、清单\n逐项完成。")
    assert coverage(pack, same).ok
    found = coverage(pack, parse_document("一、目标\n（1）关停。\n三、要求\n落实。\n附件：清单"))
    assert found.absent == ("一(1)", "三")
    assert found.surplus == ("二",)
    assert not found.ok


def test_command(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    good = write_pack(tmp_path, "[{id: 一}]", {"first": "一"})
    assert run(["coverage", str(good)]) == 0
    assert "1 with rules (100 %), 0 with a reason (0 %), no gap." in capfdbinary.readouterr().out.decode()
    plan = tmp_path / "plan.txt"
    plan.write_text("一、目标\n关停。\n二、要求\n落实。", "utf-8")
    assert run(["coverage", str(good), "--document", str(plan), "--format", "json"]) == 1
    data = json.loads(capfdbinary.readouterr().out)
    assert data["document"] == {"not_in_tree": ["二"], "not_in_document": []}
    assert data["clauses"][0]["rules"] == ["first"]
    page = tmp_path / "coverage.md"
    assert run(["coverage", str(good), "--format", "md", "--out", str(page)]) == 0
    assert "| 一 |  | `first` |" in page.read_text("utf-8")
    assert run(["coverage", str(tmp_path / "none")]) == 2
    assert run(["coverage", "--format", "xml"]) == 2
