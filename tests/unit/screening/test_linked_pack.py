"""Another pack screens in YAML alone: joins, not-exists and counts over linked records and circumstances."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import envrules as er
from envrules.diagnostics import PackError

PAGE = Path(__file__).parents[3] / "docs" / "screening.md"


def files() -> dict[str, str]:
    """The example pack of docs/screening.md: every YAML block whose first line names its file."""
    blocks = PAGE.read_text("utf-8").split("```yaml\n")[1:]
    found = {}
    for block in blocks:
        text = block.split("```")[0]
        first, _, rest = text.partition("\n")
        if first.startswith("# heat-plan/"):
            found[first.removeprefix("# heat-plan/").strip()] = rest
    return found


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> er.Pack:
    folder = tmp_path_factory.mktemp("packs") / "heat-plan"
    (folder / "records").mkdir(parents=True)
    for name, text in files().items():
        (folder / name).write_text(text, "utf-8")
    return er.load_pack(folder)


def answer(pack: er.Pack, boilers: list[dict[str, Any]], **more: Any) -> tuple[str, list[str]]:
    town = {"id": "east", "backup_source": True}
    given = {"county_state": [town], "quota": [{"county": "east", "capacity": 100}], **more}
    found = er.screen(pack, {"id": "P", "county": "east"}, boilers=boilers, as_of="2024-01-01", **given)
    return found.decision, [r.rule for r in found.reasons] or [q.field for q in found.questions]


def test_any_boiler_where(pack: er.Pack) -> None:
    small, large = {"fuel": "coal", "capacity": 10}, {"fuel": "coal", "capacity": 40}
    assert answer(pack, [large, large]) == ("clear", [])
    assert answer(pack, [large, small]) == ("refuse", ["heat.no-small-coal"])
    assert answer(pack, [{"fuel": "gas", "capacity": 10}]) == ("clear", [])
    assert answer(pack, [{"capacity": 10}]) == ("ask", ["fuel"])


def test_a_cure_of_a_linked_record_is_computed(pack: er.Pack) -> None:
    found = er.screen(
        pack,
        {"id": "P", "county": "east"},
        boilers=[{"id": "B", "fuel": "coal", "capacity": 10}],
        county_state=[{"id": "east", "backup_source": True}],
        quota=[{"county": "east", "capacity": 100}],
    )
    assert {(c.record_id, c.words.en, c.breaks) for c in found.reasons[0].cures} == {
        ("B", "fuel: gas", ()),
        ("B", "capacity above 20 t/h and at most 100 t/h", ()),
        ("B", "capacity above 100 t/h", ("heat.quota",)),
    }


def test_no_backup_source_in_the_county(pack: er.Pack) -> None:
    state = [{"id": "east", "backup_source": False}, {"id": "west", "backup_source": True}]
    assert answer(pack, [], county_state=state) == ("refuse", ["heat.backup-source"])
    assert answer(pack, [], county_state=[]) == ("refuse", ["heat.backup-source"])
    assert answer(pack, [], county_state=[{"id": "east"}]) == ("ask", ["backup_source"])


def test_the_sum_of_all_boilers_against_a_quota(pack: er.Pack) -> None:
    boilers = [{"fuel": "gas", "capacity": 60}, {"fuel": "gas", "capacity": 41}]
    assert answer(pack, boilers) == ("refuse", ["heat.quota"])
    found = er.screen(
        pack,
        {"id": "P", "county": "east"},
        boilers=boilers,
        county_state=[{"id": "east", "backup_source": True}],
        quota=[{"county": "east", "capacity": 100}],
    )
    assert [c.words.en for c in found.reasons[0].cures] == [
        "capacity at most 59 t/h",
        "capacity at most 40 t/h",
        "total capacity at least 101 t/h",
    ]


def test_a_record_that_is_not_there_is_asked_for(pack: er.Pack) -> None:
    assert answer(pack, [{"fuel": "gas", "capacity": 1}], quota=[]) == ("ask", ["capacity"])
    found = er.screen(pack, {"id": "P"})
    assert "no boiler was given; judged as if there were none" in [n.en for n in found.notes]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{record: projct}", "unknown-record"),
        ("{record: project, linked: {b: {record: boiler_application, key: projct}}}", "unknown-field"),
        ("{record: project, linked: {b: {record: boiler_application, key: capacity}}}", "document-value"),
        ("{record: project, suppose: {project: {decision: perhaps}}}", "document-value"),
        ("{record: project, suppose: {boiler: {status: operating}}}", "unknown-record"),
        ("{record: project, rules: [nothing.*]}", "unknown-rule"),
        ("{record: project, link: {}}", "unknown-key"),
    ],
)
def test_a_wrong_declaration_does_not_load(tmp_path: Path, text: str, code: str) -> None:
    head = dedent(
        f"""\
        schema: envrules/1
        pack: p
        version: 0.1.0
        extends: jiuquan-2018
        screening: {text}
        """
    )
    (tmp_path / "pack.yaml").write_text(head, "utf-8")
    with pytest.raises(PackError) as raised:
        er.load_pack(tmp_path)
    assert code in [d.code for d in raised.value.diagnostics]
