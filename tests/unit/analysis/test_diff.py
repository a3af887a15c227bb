"""Two packs beside each other: what differs, which is stricter, and that nothing is claimed that a record refutes."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest

import envrules as er
from envrules.analysis.order import Terms, at_most, simplify
from envrules.diagnostics import CallError
from envrules.engines.base import Job
from envrules.engines.reference import environment, record_subject
from envrules.engines.reference.evaluate import condition
from envrules.engines.reference.linked import LinkedRecords
from envrules.pack.load import load_pack
from envrules.pack.pack import Pack
from envrules.records.read import read_inputs

HEAD = """
schema: envrules/1
pack: {name}
version: 1.0.0
effective: 2018-03-22
calendar: weekdays
enums:
  word: {{values: {{a: {{}}, b: {{}}, c: {{}}{word}}}}}
  class: {{ordered: true, values: {{I: {{}}, II: {{}}, III: {{}}, IV: {{}}}}}}
"""
LOT = """
schema: envrules/1
record: lot
date: day
fields:
  word: {kind: enum, enum: word}
  class: {kind: enum, enum: class}
  share: {kind: quantity, unit: '%'}
  mass: {kind: quantity, unit: t}
  flag: {kind: bool}
  name: {kind: text}
  day: {kind: date}
  finish_by: {kind: date}
  done: {kind: date, empty: not done}
derived: {clean: {value: share <= 0.5 %}}
"""
PART = """
schema: envrules/1
record: part
fields:
  lot: {kind: text}
  share: {kind: quantity, unit: '%'}
"""
RELATED = "related: {parts: {record: part, keys: {lot: id}}}\n"


def pack(folder: Path, rules: str, name: str = "one", word: str = "", lot: str = LOT, head: str = "") -> Pack:
    path = folder / name
    (path / "records").mkdir(parents=True, exist_ok=True)
    (path / "pack.yaml").write_text(HEAD.format(name=name, word=word) + head, "utf-8")
    (path / "records" / "lot.yaml").write_text(lot, "utf-8")
    (path / "records" / "part.yaml").write_text(PART, "utf-8")
    (path / "c.yaml").write_text("schema: envrules/1\nclause: '1'\nrules:\n" + indent(dedent(rules), "  "), "utf-8")
    return load_pack(path)


def rule(text: str, id_: str = "r") -> str:
    return (
        f"- id: {id_}\n  title: T\n"
        + indent(text if text.startswith("record:") else "record: lot\n" + text, "  ")
        + "\n"
    )


# --- never claim what a record refutes -------------------------------------------------------------------------------

CONDITIONS = [
    "true",
    "share <= 0.8 %",
    "share <= 8 mg/g",
    "share < 0.8 %",
    "share <= 0.6 %",
    "share > 0.6 %",
    "share >= 0.8 %",
    "share == 0.6 %",
    "share != 0.8 %",
    "not share <= 0.6 %",
    "clean",
    "word == a",
    "word in {a, b}",
    "word != c",
    "word not in {a}",
    'name in {"x", "y"}',
    'name == "x"',
    'name != "y"',
    "class <= II",
    "class in {I}",
    "class > II",
    "class == II",
    "flag",
    "not flag",
    "done is filled",
    "done is filled and done <= 2020-06-30",
    "done is filled and done <= 2020-12-31",
    "share <= 0.8 % and word == a",
    "share <= 0.8 % or word == a",
    "share <= 0.6 % or word in {a, b}",
    "not (share <= 0.8 % and word == a)",
    "(share <= 0.8 % and flag) or class == I",
    "true if flag else share <= 0.6 %",
    "true if flag else share <= 0.8 %",
    "any(parts.share > 0.6 %)",
    "any(parts.share > 0.8 %)",
    "none(parts.share > 0.6 %)",
    "all(parts.share <= 0.6 %)",
    "all(parts.share <= 0.8 %)",
    "count(parts.share <= 0.6 %) >= 1",
    "count(parts.share <= 0.8 %) >= 1",
    "count(parts.share <= 0.8 %) >= 2",
    "count(parts.share <= 0.8 %) <= 1",
    "share(parts.share <= 0.6 %) > 50 %",
    "share(parts.share <= 0.8 %) > 50 %",
    "share <= parts.share",
]
LOTS: list[dict[str, Any]] = [
    {"share": share, "word": word, "class": class_, "flag": flag, "done": done, "name": name}
    for share, word, name in [
        (None, None, None), ("0.5", "a", "x"), ("0.6", "b", "y"), ("0.7", "c", "z"), ("0.8", "a", "y"),
        ("0.9", "b", "x"),
        ("<0.6", "c", None), ("<0.8", None, "x"), ("0.5~0.7", "a", "y"), ("0.6~0.9", "c", "z"), (">0.6", "b", "x"),
        ("0.8000000001", "a", None), ("0.6000000001", "b", "z"), ("?", "?", None),
    ]
    for class_, flag, done in [(None, None, None), ("I", True, "2020-06-30"), ("II", False, "2020-07-01"),
                               ("III", True, "2021-01-01"), ("IV", None, "?")]
]  # fmt: skip
PARTS = [
    {"id": str(n), "lot": lot, "share": share}
    for n, (lot, share) in enumerate(
        [("1", "0.5"), ("1", "0.9"), ("2", "0.7"), ("3", None), ("3", "0.6"), ("4", "0.8"), ("4", "0.7"), ("4", "0.1"),
         ("5", "0.5~0.7"), (None, "0.7"), (None, None)]
    )
]  # fmt: skip
ORDER = {False: 0, None: 1, True: 2}


def test_no_claim_is_refuted_by_a_record(tmp_path: Path) -> None:
    texts = "".join(rule(RELATED + f"require: {c}\n", f"r{n}") for n, c in enumerate(CONDITIONS))
    loaded = pack(tmp_path, texts)
    lots = [{"id": str(n), "day": "2020-01-01", **lot} for n, lot in enumerate(LOTS)]
    truths: dict[str, list[int]] = {}
    for known in (PARTS, [p for p in PARTS if p["lot"]], []):
        data = read_inputs({"lot": lots, "part": known}, loaded.records, loaded.units).records
        job = Job(loaded, data, er.evaluation_date("2020-12-31"), list(loaded.rules.values()))
        for one in loaded.rules.values():
            env = environment(one, job, LinkedRecords(data))
            truths.setdefault(one.id, []).extend(
                ORDER[condition(one.require, record_subject(one, r, env)[1])] for r in data["lot"]
            )
    terms = Terms.of(loaded, loaded)
    simple = {one.id: simplify(one.require, terms) for one in loaded.rules.values()}
    claims = 0
    for p in loaded.rules.values():
        for q in loaded.rules.values():
            if at_most(simple[p.id], simple[q.id]):
                claims += p.id != q.id
                assert all(a <= b for a, b in zip(truths[p.id], truths[q.id], strict=True)), (
                    p.require_text,
                    q.require_text,
                )
    assert claims > 100


# --- what is shown on the rules --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "strictness", "effects"),
    [
        ("require: share <= 0.8 %", "require: share <= 0.6 %", "stricter", {"require": "stricter"}),
        ("require: share <= 0.8 %", "require: share < 0.8 %", "stricter", {"require": "stricter"}),
        ("require: share <= 0.6 %", "require: share <= 8 mg/g", "laxer", {"require": "laxer"}),
        ("require: mass >= 3 t", "require: mass >= 3500 kg", "stricter", {"require": "stricter"}),
        ("require: word in {a}", "require: word in {a, b}", "laxer", {"require": "laxer"}),
        ("require: word != c", "require: word == a", "stricter", {"require": "stricter"}),
        ("require: class <= III", "require: class <= II", "stricter", {"require": "stricter"}),
        ("require: clean", "require: share <= 0.6 %", "laxer", {"require": "laxer"}),
        ("require: flag", "require: flag and share <= 1 %", "stricter", {"require": "stricter"}),
        ("require: flag or share <= 1 %", "require: share <= 1 %", "stricter", {"require": "stricter"}),
        ("when: mass > 10 t\nrequire: flag", "when: mass > 5 t\nrequire: flag", "stricter", {"when": "stricter"}),
        ("when: word == a\nrequire: flag", "when: word == a and flag\nrequire: flag", "laxer", {"when": "laxer"}),
        ("when: word == a\nrequire: flag", "require: flag", "stricter", {"when": "stricter"}),
        ("require: flag\ndue: 2020-12-31", "require: flag\ndue: 2020-06-30", "stricter", {"due": "stricter"}),
        ("require: flag\ndue: 2020-12-31", "require: flag", "stricter", {"due": "stricter"}),
        ("require: flag\ndue: finish_by", "require: flag\ndue: finish_by + 10 day", "laxer", {"due": "laxer"}),
        ("require: flag\ndue: working_days_after(day, 7)", "require: flag\ndue: working_days_after(day, 5)", "stricter",
         {"due": "stricter"}),
        ("require: flag\ndue: finish_by", "require: flag\ndue: day", "undecided", {"due": "undecided"}),
        ("require: flag\neffective: 2019-01-01", "require: flag", "stricter", {"effective": "stricter"}),
        ("require: flag\nexpires: 2020-01-01", "require: flag\nexpires: 2019-06-01", "laxer", {"expires": "laxer"}),
        ("require: share <= 0.8 %", "require: share <= 0.6 %\ndue: 2020-12-31", "mixed",
         {"require": "stricter", "due": "laxer"}),
        ("when: word == a\nrequire: share <= 0.8 %", "when: word in {a, b}\nrequire: share <= 0.9 %", "mixed",
         {"when": "stricter", "require": "laxer"}),
        ("require: share <= 0.8 %", "require: mass <= 3 t", "undecided", {"require": "undecided"}),
        ("require: share >= 0.8 %", "require: share <= 0.8 %", "undecided", {"require": "undecided"}),
        (RELATED + "require: all(parts.share <= 1 %)", RELATED + "require: all(parts.share <= 2 %)", "laxer",
         {"require": "laxer"}),
        (RELATED + "require: count(parts) >= 2", RELATED + "require: count(parts) >= 3", "stricter",
         {"require": "stricter"}),
    ],
)  # fmt: skip
def test_which_is_stricter(tmp_path: Path, a: str, b: str, strictness: str, effects: dict[str, str]) -> None:
    one, other = pack(tmp_path, rule(a)), pack(tmp_path, rule(b), "two")
    found = er.compare(one, other)
    (only,) = found.rule_diffs
    assert (only.strictness, only.by, dict(only.effects)) == (strictness, "rule", effects)
    assert bool(only.why) == (strictness == "undecided")
    swapped = {"stricter": "laxer", "laxer": "stricter"}
    assert er.compare(other, one).strictness == swapped.get(strictness, strictness)


GROUP = "record: lot\ngroup: {word: word, year: year(day)}\n"


@pytest.mark.parametrize(
    ("a", "b", "strictness"),
    [
        ("require: share(share <= 1 %) > 80 %", "require: share(share <= 1 %) > 90 %", "stricter"),
        ("require: count(share <= 1 %) >= 2", "require: count(share <= 2 %) >= 2", "laxer"),
        ("when: flag\nrequire: count() >= 2", "require: count() >= 2", "undecided"),
        ("require: mean(share) <= 1 %", "require: most(share) <= 1 %", "undecided"),
        ("coverage: {of: day, least: 300}\nrequire: count() >= 2", "require: count() >= 2", "undecided"),
    ],
)
def test_groups(tmp_path: Path, a: str, b: str, strictness: str) -> None:
    found = er.compare(pack(tmp_path, rule(GROUP + a)), pack(tmp_path, rule(GROUP + b), "two"))
    assert found.strictness == strictness


def test_other_ground_is_undecided_with_its_reason(tmp_path: Path) -> None:
    base = pack(tmp_path, rule("require: share <= 1 %"))
    bounded = LOT.replace("share: {kind: quantity, unit: '%'", "share: {kind: quantity, unit: '%', most: 50")
    found = er.compare(base, pack(tmp_path, rule("require: share <= 2 %"), "two", lot=bounded))
    assert (found.rule_diffs[0].why, found.strictness) == ("the field share is declared differently", "undecided")
    assert set(found.rule_diffs[0].parts) == {"require", "fields"}
    assert list(found.declared) == ["record type lot: field share changed"]


def test_a_new_word_of_an_enumeration_changes_no_rule(tmp_path: Path) -> None:
    text = rule("when: word != c\nrequire: class <= II")
    found = er.compare(pack(tmp_path, text), pack(tmp_path, text, "two", word=", d: {}"))
    assert (list(found.rule_diffs), found.unchanged, found.strictness) == ([], 1, "same")
    assert list(found.declared) == ["enumeration word: word d added"]
    assert found.differs


# --- what differs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "part"),
    [
        ("severity: high", "severity"),
        ("severity: {high: flag, otherwise: medium}", "severity"),
        ("citation: {phrase: 硫份}", "citation"),
        ("message: {en: Too much.}", "message"),
        ("readings: [{en: So read.}]", "readings"),
        ("notes: [{en: Mind.}]", "notes"),
        ("cases: [{name: c, record: {share: 1}, outcome: pass}]", "cases"),
    ],
)
def test_parts_that_decide_nothing(tmp_path: Path, more: str, part: str) -> None:
    one = pack(tmp_path, rule("require: share <= 1 %"))
    found = er.compare(one, pack(tmp_path, rule(f"require: share <= 1 %\n{more}"), "two"))
    (only,) = found.rule_diffs
    assert (list(only.parts), only.strictness, only.text_only) == ([part], "same", True)


def test_a_value_derived_otherwise_is_seen(tmp_path: Path) -> None:
    text = "derive: {left: {value: 1 % - share}}\noutput: left\nrequire: share <= 1 %"
    one, other = pack(tmp_path, rule(text)), pack(tmp_path, rule(text.replace("1 % -", "2 % -")), "two")
    (only,) = er.compare(one, other).rule_diffs
    assert (list(only.parts), only.strictness) == (["output"], "same")


def test_the_same_in_other_words_is_seen_as_the_same(tmp_path: Path) -> None:
    one = pack(tmp_path, rule("require: share <= 0.8 % and not (word == c)"))
    found = er.compare(one, pack(tmp_path, rule("require: share <= 8 mg/g and word in {b, a}"), "two"))
    assert (list(found.rule_diffs[0].parts), found.strictness) == (["wording"], "same")


def test_rules_added_and_removed(tmp_path: Path) -> None:
    one = pack(tmp_path, rule("require: flag", "kept") + rule("require: flag", "gone"))
    other = pack(tmp_path, rule("require: flag", "kept") + rule("require: flag", "new"), "two")
    found = er.compare(one, other)
    assert [(d.rule, d.change, d.strictness) for d in found.rule_diffs] == [
        ("gone", "removed", "laxer"),
        ("new", "added", "stricter"),
    ]
    assert (found.strictness, found.unchanged) == ("mixed", 1)
    assert list(found.rules["change"]) == ["removed", "added"]
    assert er.compare(one, other, rules="new").strictness == "stricter"
    with pytest.raises(CallError):
        er.compare(one, other, rules="nowhere")


# --- on records ------------------------------------------------------------------------------------------------------


def lots(*shares: object, **more: object) -> dict[str, Any]:
    rows = [{"id": f"L{n}", "share": s, "mass": m, "day": "2020-01-01"} for n, (s, m) in enumerate(shares)]  # type: ignore[misc]
    return {"lot": rows, **more}


def test_records_decide_what_the_rules_do_not(tmp_path: Path) -> None:
    one, other = pack(tmp_path, rule("require: share <= 0.8 %")), pack(tmp_path, rule("require: mass <= 3 t"), "two")
    found = er.compare(one, other, lots((0.5, 2), (0.5, 4), (0.5, None)), as_of="2020-12-31")
    (only,) = found.rule_diffs
    assert (only.strictness, only.by, found.by) == ("stricter", "records", "records")
    assert only.records is not None
    assert (only.records.violation, only.records.ended, only.records.other) == (1, 0, 1)
    assert [(c.record_id, c.before, c.after) for c in found.change_list or ()] == [
        ("L1", "pass", "violation"),
        ("L2", "pass", "indeterminate"),
    ]
    both = er.compare(one, other, lots((0.5, 4), (0.9, 2)), as_of="2020-12-31")
    assert (both.strictness, both.by) == ("mixed", "records")


def test_changes_show_both_limits_and_margins(tmp_path: Path) -> None:
    one = pack(tmp_path, rule("require: share <= 0.8 %"))
    other = pack(tmp_path, rule("require: share <= 0.6 %") + rule("require: mass <= 1 t", "new"), "two")
    found = er.compare(one, other, lots((0.7, 1), (0.5, 2)), as_of="2020-12-31")
    first, second = found.change_list or ()
    assert (first.limit_before, first.limit_after, first.margin_before, first.margin_after) == (0.8, 0.6, 0.1, -0.1)
    assert (second.rule, second.record_id, second.before, second.after) == ("new", "L1", None, "violation")
    assert (found.strictness, found.by) == ("stricter", "rule")
    assert list(found.changes["effect"]) == ["violation", "violation"]


def test_records_of_a_type_that_one_pack_lacks(tmp_path: Path) -> None:
    other = pack(tmp_path, rule("require: share <= 0.6 %"), "two")
    third = tmp_path / "three"
    third.mkdir()
    (third / "pack.yaml").write_text("schema: envrules/1\npack: three\nversion: 1.0.0\nextends: ../two\n", "utf-8")
    (third / "records").mkdir()
    (third / "records" / "heap.yaml").write_text(PART.replace("record: part", "record: heap"), "utf-8")
    heaps = iter([{"id": "h", "lot": "x", "share": 1}])
    found = er.compare(other, third, lots((0.7, 1), heap=heaps), as_of="2020-12-31")
    assert (found.strictness, list(found.declared)) == ("same", ["record type heap: added"])


# --- the command -----------------------------------------------------------------------------------------------------


def run(*arguments: object, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    from envrules.cli.run import run as run_command

    code = run_command([str(a) for a in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_command_diff(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack(tmp_path, rule("require: share <= 0.8 %"))
    pack(tmp_path, rule("require: share <= 0.6 %"), "two")
    table = tmp_path / "lots.csv"
    table.write_text("id,share,day\nL0,0.7,2020-01-01\n", "utf-8")
    a, b = tmp_path / "one", tmp_path / "two"
    code, out, _ = run("diff", a, b, f"lot={table}", "--as-of", "2020-12-31", capsys=capsys)
    assert code == 1
    assert "b is stricter: whatever violates a violates b  (1 more violation, 0 fewer, 0 other changes)" in out
    code, out, _ = run("diff", a, b, "--format", "json", capsys=capsys)
    data = json.loads(out)
    assert (code, data["strictness"], data["changes"], data["a"]["name"]) == (1, "stricter", None, "one")
    assert data["rules"][0]["parts"] == {"require": {"a": "share <= 0.8 %", "b": "share <= 0.6 %"}}
    assert run("diff", a, a, capsys=capsys)[0] == 0
    assert run("diff", a, tmp_path / "none", capsys=capsys)[0] == 2
    code, _, err = run("diff", a, b, "--format", "xml", capsys=capsys)
    assert (code, "unknown-format" in err) == (2, True)
