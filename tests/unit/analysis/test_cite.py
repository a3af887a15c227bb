"""Citations beside a document of our own wording: what stands as cited passes, what was changed is named."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from envrules import api
from envrules.analysis.amounts import amounts
from envrules.analysis.cite import CitationCheck, check_citations
from envrules.analysis.document import load_document, parse_document
from envrules.cli.run import run
from envrules.diagnostics import EnvrulesError
from envrules.pack.pack import Pack
from envrules.units import registry

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "rules" / "jiuquan-2018"

DOCUMENT = """某市清洁能源实施办法（试行）
来源：测试

一、目标
到2025年，湿地保有面积达到120万亩；单位产值能耗比2020年下降12%。年用水量2023年和2025年分别控制在3.5和3.2亿立方米以内。

二、任务
（一）锅炉
1、供热锅炉。各县淘汰每小时4蒸吨及以下的燃煤锅炉；禁止新建每小时6蒸吨及以下的同类锅炉。
2煤质。城区用煤硫分不得高于0.6%，其他地区不得高于0.9％。
3.扬尘。工地围挡、洒水做到百分之百，抑尘设施全覆盖，
确保排放稳定达
到要求。
（二）报告。各单位应当于每月15日前报送进展，超时限8天以上的予以通报。
三、附则
自2024年起施行，2026年前完成评估。
附件：任务清单
"""

PACK = """
schema: envrules/1
pack: example
version: 0.1.0
effective: 2020-01-01
clauses:
  - {id: 一}
  - {id: 二, clauses: [{id: 二(一), clauses: [{id: 二(一)1}, {id: 二(一)2}, {id: 二(一)3}]}, {id: 二(二)}]}
  - {id: 三}
  - {id: 附件, no_rules: A list.}
"""
RECORD = """
schema: envrules/1
record: plant
date: day
fields:
  zone: {kind: enum, values: {city: {zh: 城区}, other: {zh: 其他}}}
  sulfur: {kind: quantity, unit: '%'}
  covered: {kind: quantity, unit: '%'}
  capacity: {kind: quantity, unit: t/h, above: 0, context: steam}
  area: {kind: quantity, unit: km**2}
  water: {kind: quantity, unit: m**3}
  change: {kind: quantity, unit: '%', least: null, most: null}
  retired: {kind: bool}
  day: {kind: date}
  month: {kind: month}
  late: {kind: quantity, unit: day}
"""
RULES = {
    "一": """
  - {id: wetland, title: T, citation: {phrase: 达到120万亩, place: 2}, record: plant, require: area >= 120e4 mu,
     due: 2025-12-31}
  - {id: energy, title: T, citation: {phrase: 下降12%, place: 3}, record: plant, require: change <= -12 %}
  - {id: water, title: T, citation: {phrase: 3.5和3.2亿立方米, place: 4}, record: plant, require: water <= 3.5e8 m**3}
""",
    "二(一)1": """
  - {id: retire, title: T, citation: {phrase: 燃煤锅炉, place: 2}, record: plant, when: capacity <= 4 t/h,
     require: retired}
  - {id: ban, title: T, citation: {phrase: 禁止新建, place: 3}, record: plant, require: capacity > 4.2 MW}
""",
    "二(一)2": """
  - {id: sulfur.city, title: T, citation: {phrase: 硫分不得高于0.6%, place: 2}, record: plant, when: zone == city,
     require: sulfur <= 0.6 %}
  - id: sulfur.table
    title: T
    citation: {phrase: 其他地区, place: 2}
    record: plant
    derive: {limit: {rows: [{when: zone == city, then: 0.6 %}, {then: 0.9 %}]}}
    require: sulfur <= limit
""",
    "二(一)3": """
  - {id: dust, title: T, citation: {phrase: 围挡、洒水, place: 2}, record: plant, require: covered == 100 %}
  - {id: stable, title: T, citation: {phrase: 稳定达到要求, place: 2, numbers: [百分之百]}, record: plant,
     require: covered > 99.5 %}
""",
    "二(二)": """
  - {id: report, title: T, citation: {phrase: 报送进展, place: 2}, record: plant, require: 'day <= day_of(month, 15)'}
  - id: late
    title: T
    citation: {phrase: 予以通报, place: 2}
    record: plant
    derive: {level: {values: {none: '', orange: ''}, rows: [{when: late >= 8 day, then: orange}, {then: none}]}}
    require: level == none
""",
    "三": """
  - {id: review, title: T, citation: {phrase: 完成评估, place: 2}, record: plant, require: retired, due: 2025-12-31}
  - {id: start, title: T, citation: {phrase: 起施行, place: 2, numbers: []}, record: plant, require: covered >= 3 %}
""",
}


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    folder = tmp_path_factory.mktemp("example")
    (folder / "records").mkdir()
    (folder / "pack.yaml").write_text(PACK, "utf-8")
    (folder / "records" / "plant.yaml").write_text(RECORD, "utf-8")
    for number, (clause, rules) in enumerate(RULES.items()):
        text = f"schema: envrules/1\nclause: {clause}\nrules:{rules}"
        (folder / f"{number}.yaml").write_text(text, "utf-8")
    return api.load_pack(folder)


def drifted(pack: Pack, text: str) -> dict[str, CitationCheck]:
    return {c.rule: c for c in check_citations(pack, parse_document(text)) if not c.ok}


def said(check: CitationCheck) -> list[tuple[str, str]]:
    return [(d.kind, d.what.en) for d in check.drifts]


def changed(old: str, new: str) -> str:
    assert old in DOCUMENT
    return DOCUMENT.replace(old, new)


def test_clauses_have_the_locators_that_packs_write() -> None:
    document = parse_document(DOCUMENT)
    assert document.ids == ("一", "二", "二(一)", "二(一)1", "二(一)2", "二(一)3", "二(二)", "三", "附件")
    assert document.notes == ()
    # A heading is a sentence, on a line of its own or not; a broken line goes on.
    assert document.find("二(一)3")[0].sentences == (
        "扬尘。",
        "工地围挡、洒水做到百分之百,抑尘设施全覆盖,确保排放稳定达到要求。",
    )
    assert len(document.find("一")[0].sentences) == 4
    assert document.find("")[0].text.startswith("某市清洁能源实施办法")


def test_what_stands_as_cited_passes(pack: Pack) -> None:
    checks = check_citations(pack, parse_document(DOCUMENT))
    assert {c.rule: said(c) for c in checks if not c.ok} == {}
    stands = {c.rule: [(n.number, n.stands_as) for n in c.numbers] for c in checks}
    assert stands["wetland"] == [("120e4 mu", "120万亩"), ("2025-12-31", "2025年")]
    assert stands["energy"] == [("-12 %", "12%")]
    assert stands["water"] == [("3.5e8 m**3", "3.5")]
    assert stands["ban"] == [("4.2 MW", "6蒸吨")]
    assert stands["sulfur.table"] == [("0.6 %", "0.6%"), ("0.9 %", "0.9%")]
    assert stands["review"] == [("2025-12-31", "2026年")]
    assert stands["start"] == []


@pytest.mark.parametrize("width", [16, 20, 27, 40])
@pytest.mark.parametrize("indent", ["", "\u3000\u3000", "    "])
def test_hard_line_breaks_change_nothing(pack: Pack, width: int, indent: str) -> None:
    lines = [indent + line for line in DOCUMENT.splitlines()]
    broken = [line[i : i + width] for line in lines for i in range(0, len(line), width)]
    assert drifted(pack, "\r\n".join(broken)) == {}
    assert drifted(pack, "\n\n".join(broken)) == {}


def test_width_of_characters_changes_nothing(pack: Pack) -> None:
    half = str.maketrans("（），；：％", "(),;:%")
    assert drifted(pack, DOCUMENT.translate(half)) == {}
    assert (
        drifted(pack, DOCUMENT.replace("0.6%", "０．６％").replace("（二）", "( 二 ) ").replace("一、", "一 、 ")) == {}
    )


def test_a_changed_number_is_named_with_the_new_one(pack: Pack) -> None:
    found = drifted(pack, changed("0.6%", "0.5%"))
    assert list(found) == ["sulfur.city", "sulfur.table"]
    assert said(found["sulfur.city"]) == [
        ("missing", "“硫分不得高于0.6%” stands neither in 二(一)2 nor elsewhere; nearest to it is “硫分不得高于0.5%”"),
        ("number", "the rule's number 0.6 % does not stand in 二(一)2; what stands there is 0.5%"),
    ]
    assert found["sulfur.city"].drifts[1].what.zh == "规则数值0.6 %未见于二(一)2，该条现为0.5%"
    assert said(found["sulfur.table"]) == [
        ("number", "the rule's number 0.6 % does not stand in 二(一)2; what stands there is 0.5%")
    ]


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ("4蒸吨", "14蒸吨", ["retire"]),
        ("6蒸吨", "6吨", ["ban"]),
        ("120万亩", "1120万亩", ["wetland"]),
        ("120万亩", "120亩", ["wetland"]),
        ("到2025年", "到2026年", []),  # 2025年 stands in the clause once more
        ("2026年前", "2027年前", ["review"]),
        ("2026年前", "2026年", ["review"]),
        ("下降12%", "上升12%", ["energy"]),
        ("3.5和3.2", "3.5和3.3", ["water"]),
        ("百分之百", "百分之九十", ["stable"]),
        ("15日", "16日", ["report"]),
        ("8天", "8个月", ["late"]),
        ("2024年", "2023年", []),
    ],
)
def test_each_changed_number_is_caught(pack: Pack, old: str, new: str, rules: list[str]) -> None:
    assert list(drifted(pack, changed(old, new))) == rules


def test_a_fall_that_became_a_rise_is_said(pack: Pack) -> None:
    found = drifted(pack, changed("下降12%", "上升12%"))["energy"]
    assert said(found)[1] == (
        "number",
        "the rule's number -12 % does not stand in 一; what stands there is 12% (not a decrease)",
    )


def test_a_clause_renumbered(pack: Pack) -> None:
    text = changed("1、供热", "5、供热")
    found = drifted(pack, text)
    assert list(found) == ["retire", "ban"]
    assert said(found["ban"]) == [
        (
            "moved",
            "“禁止新建” is cited from 二(一)1, which the document does not have, and stands in 二(一)5, sentence 3",
        )
    ]
    notes = [n.en for n in parse_document(text).notes]
    assert notes == ["under 二(一) the numbers begin with 5", "under 二(一) 2 follows 5"]


def test_a_paragraph_deleted(pack: Pack) -> None:
    text = re.sub("1、供热.*\n", "", DOCUMENT)
    assert {rule: c.drifts[0].kind for rule, c in drifted(pack, text).items()} == {"retire": "clause", "ban": "clause"}
    assert said(drifted(pack, text)["ban"]) == [
        ("clause", "the document has no clause 二(一)1, and “禁止新建” stands nowhere in it")
    ]


def test_a_paragraph_deleted_and_the_rest_renumbered(pack: Pack) -> None:
    text = re.sub("1、供热.*\n", "", DOCUMENT).replace("2煤质", "1煤质").replace("3.扬尘", "2.扬尘")
    found = drifted(pack, text)
    assert {rule: c.drifts[0].kind for rule, c in found.items()} == {
        "retire": "missing",
        "ban": "missing",
        "sulfur.city": "moved",
        "sulfur.table": "moved",
        "dust": "moved",
        "stable": "moved",
    }
    assert found["sulfur.city"].found == ("二(一)1", 2)
    assert found["sulfur.city"].drifts[0].what.zh == "“硫分不得高于0.6%”引自二(一)2，现位于二(一)1第2句"


def test_a_phrase_moved_to_another_sentence(pack: Pack) -> None:
    found = drifted(pack, changed("禁止新建每小时6蒸吨", "从严管理。禁止新建每小时6蒸吨"))
    assert said(found["ban"]) == [
        ("moved", "“禁止新建” is cited from sentence 3 of 二(一)1, and stands in its sentence 4")
    ]


def test_a_rule_without_a_phrase_cannot_be_looked_up(tmp_path: Path, pack: Pack) -> None:
    rule = "{id: bare, title: T, record: plant, require: retired}"
    (tmp_path / "records").mkdir()
    (tmp_path / "pack.yaml").write_text(PACK, "utf-8")
    (tmp_path / "records" / "plant.yaml").write_text(RECORD, "utf-8")
    (tmp_path / "1.yaml").write_text(f"schema: envrules/1\nclause: 一\nrules: [{rule}]", "utf-8")
    assert drifted(api.load_pack(tmp_path), DOCUMENT)["bare"].drifts[0].kind == "no-phrase"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("870万亩", [(870, "万亩")]),
        ("2.47万吨、0.12万吨", [(2.47, "万吨"), (0.12, "万吨")]),
        ("10至15蒸吨", [(10, "蒸吨"), (15, "蒸吨")]),
        ("三百零五家、二十一日、十次", [(305, None), (21, "日"), (10, "次")]),
        ("PM2.5和O3浓度、一律、一次能源、“十三五”、二氧化硫", []),
        ("百分之八十五,八成以上,全部达标,安全利用", [(85, "%"), (80, "%"), (100, "%")]),
        ("1,250元/吨", [(1250, "元/吨")]),
        ("5亿", [(5e8, None)]),
        ("7个工作日,2个百分点", [(7, "日"), (2, "%")]),
    ],
)
def test_numbers_of_chinese_text(text: str, values: list[tuple[float, str | None]]) -> None:
    units = registry()
    wanted = [(v, units.parse(u) if u else None) for v, u in values]
    found = [(a.value, a.unit) for a in amounts(text, units)]
    assert [f for f in found if f[1] != units.parse("个") or f[0] != 305] == [w for w in wanted if w[0] != 305]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "plan.txt"
    file.write_bytes(DOCUMENT.encode(encoding))
    assert load_document(file).clauses == parse_document(DOCUMENT).clauses


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("plan.docx", b"PK\x03\x04...", "file-type"),
        ("plan.pdf", b"%PDF-1.7", "file-type"),
        ("plan.txt", b"\xd0\xcf\x11\xe0\xa1\xb1", "file-type"),
        ("plan.htm", b"<p>text</p>", "file-type"),
        ("plan.txt", b" \n", "file-empty"),
        ("plan.txt", b"\xff\xff\x80", "file-encoding"),
        ("plan.txt", b"a\0b", "file-not-text"),
        ("plan.txt", "没有条款的文字。".encode(), "no-clauses"),
        ("", b"", "file-not-readable"),
        ("absent.txt", None, "file-not-found"),
    ],
)
def test_what_is_no_document(tmp_path: Path, name: str, content: bytes | None, code: str) -> None:
    if name and content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(EnvrulesError) as caught:
        load_document(tmp_path / name)
    assert [d.code for d in caught.value.diagnostics] == [code]


def test_command(tmp_path: Path, pack: Pack, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text(DOCUMENT, "utf-8")
    bad.write_text(changed("15日", "16日"), "gb18030")
    assert run(["cite", pack.source, "--document", str(good)]) == 0
    assert "13 citations, all as they stand in" in capfdbinary.readouterr().out.decode()
    assert run(["cite", pack.source, "--document", str(bad)]) == 1
    table = capfdbinary.readouterr().out.decode()
    assert "the rule's number 15 does not stand in 二(二); what stands there is 16日" in " ".join(table.split())
    assert "1 of 13 citations differ" in table
    assert run(["cite", pack.source, "--document", str(bad), "--format", "json", "--rule", "report"]) == 1
    data = json.loads(capfdbinary.readouterr().out)
    assert data["ok"] is False
    assert data["rules"][0]["numbers"] == [{"number": "15", "stands_as": None}]
    assert run(["cite", pack.source, "--document", str(tmp_path / "none.txt")]) == 2
    assert run(["cite", pack.source, "--document", str(good), "--format", "xml"]) == 2


# The shipped pack beside the plan itself, which is no part of the project.


@pytest.fixture(scope="module")
def plan() -> str:
    file = ROOT.parent / "shared" / "plan" / "jiuquan-2018.txt"
    if not file.exists():
        pytest.skip("the plan's text is not beside the project")
    return file.read_text("utf-8")


@pytest.fixture(scope="module")
def shipped() -> Pack:
    return api.load_pack(SHIPPED)


def test_shipped_pack_is_clean(shipped: Pack, plan: str) -> None:
    assert {rule: said(c) for rule, c in drifted(shipped, plan).items()} == {}
    assert parse_document(plan).notes == ()


@pytest.mark.parametrize(
    ("old", "new", "rule", "kind"),
    [
        ("0.8%", "0.7%", "coal.sulfur.built-up", "number"),
        ("870万亩", "880万亩", "ecology.wetland", "number"),
        ("2018年底前", "2019年底前", "redline.delineated", "number"),
        ("2、加强煤炭", "8、加强煤炭", "coal.ash.other", "moved"),
        ("(五)实施整改工作清单", "(六)实施整改工作清单", "report.supervision", "moved"),
        ("每月21日前", "每月22日前", "report.progress", "missing"),
    ],
)
def test_changes_of_the_plan_are_caught(shipped: Pack, plan: str, old: str, new: str, rule: str, kind: str) -> None:
    assert plan.count(old) == 1
    found = drifted(shipped, plan.replace(old, new))
    assert kind in [d.kind for d in found[rule].drifts]


def test_a_paragraph_deleted_from_the_plan(shipped: Pack, plan: str) -> None:
    found = drifted(shipped, re.sub("\n3、加快燃煤.*\n", "\n", plan))
    assert {c.clause for c in found.values()} == {"四(三)3"}
    assert {d.kind for c in found.values() for d in c.drifts} == {"clause"}


@pytest.mark.parametrize("width", [18, 34, 53])
def test_plan_with_hard_line_breaks(shipped: Pack, plan: str, width: int) -> None:
    lines = ["\u3000\u3000" + line if line else "" for line in plan.splitlines()]
    broken = [line[i : i + width] for line in lines for i in range(0, max(1, len(line)), width)]
    assert drifted(shipped, "\n".join(broken)) == {}
