"""A hostile file ends in a clear message, or in records with what was wrong, within bounded time and memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hostile import building

PAGES = Path(__file__).parents[2] / "docs" / "errors"

#: Guards against a file that grows or hangs, far above what any of these takes on an idle machine.
MEBIBYTES, SECONDS = 800, 60

#: How each file ends: the codes of the error, or the number of records and the codes of which a person is told.
REFUSED: dict[Callable[[Path], Path], set[str]] = {
    building.zip_bomb: {"file-too-large"},
    building.zip_bomb_that_lies: {"file-corrupt"},
    building.zip_bomb_of_strings: {"file-corrupt"},
    building.zip_bomb_of_opendocument: {"file-too-large"},
    building.zip_bomb_of_binary_workbook: {"file-too-large"},
    building.repeated_cells_of_opendocument: {"file-corrupt"},
    building.million_empty_rows: {"sheet-too-large"},
    building.million_rows_of_empty_cells: {"sheet-too-large"},
    building.cell_at_the_far_corner: {"sheet-too-large"},
    building.cells_without_places: {"sheet-too-large"},
    building.row_of_a_hundred_megabytes: {"file-corrupt"},
    building.far_cell_of_old_excel: {"file-corrupt"},
    building.far_cell_of_binary_workbook: {"sheet-too-large"},
    building.cell_below_the_last_row: {"file-corrupt"},
    building.cell_right_of_the_last_column: {"file-corrupt"},
    building.texts_that_are_not_there: {"file-corrupt"},
    building.encoding_that_is_none: {"file-corrupt"},
    building.entities_in_the_sheet: {"file-corrupt"},
    building.entities_in_the_strings: {"file-corrupt"},
    building.entities_in_the_workbook: {"file-corrupt"},
    building.entity_of_a_file: {"file-corrupt"},
    building.password: {"file-encrypted"},
    building.password_of_the_zip: {"file-encrypted"},
    building.password_of_old_excel: {"file-encrypted"},
    building.workbook_without_sheets: {"table-empty"},
    building.old_workbook_of_nothing: {"table-empty"},
    building.chain_without_end: {"file-corrupt"},
    building.small_chain_without_end: {"file-corrupt"},
    building.table_without_end: {"file-corrupt"},
    building.truncated_zip: {"file-corrupt"},
    building.picture_called_workbook: {"file-corrupt"},
    building.web_page_called_workbook: {"file-corrupt"},
    building.sheet_that_is_missing: {"file-corrupt"},
    building.string_that_is_missing: {"file-corrupt"},
    building.quote_never_closed: {"table-syntax"},
    building.mixed_encodings: {"file-encoding"},
    building.zeros_in_text: {"file-not-text"},
    building.line_of_two_hundred_megabytes: {"table-syntax"},
    building.header_of_two_hundred_megabytes: {"table-syntax"},
    building.deeply_nested_json: {"json-syntax"},
    building.json_with_a_number_too_long: {"json-syntax"},
    building.json_with_a_key_twice: {"json-syntax"},
    building.json_lines_of_anything: {"json-shape", "json-syntax"},
    building.broken_parquet: {"file-corrupt"},
    building.link_to_itself: {"file-not-found"},
    building.endless_device: {"file-not-readable"},
    building.folder_called_csv: {"file-not-readable"},
    building.pipe_called_csv: {"file-not-readable"},
    building.nothing_called_workbook: {"file-empty"},
}
READ: dict[Callable[[Path], Path], tuple[int, set[str]]] = {
    building.formulas_without_values: (2, {"formula"}),
    building.external_links: (2, set()),
    building.macros: (1, set()),
    building.merged_over_the_whole_sheet: (1, set()),
    building.merged_beside_the_table: (1, set()),
    building.merged_a_hundred_thousand_times: (1, set()),
    building.ten_thousand_columns: (100, {"unknown-column"}),
    building.cells_that_are_long: (12, {"not-a-number", "unknown-value"}),
    building.headers_that_are_long: (1, {"unknown-column"}),
    building.many_blank_lines: (1, set()),
    building.deeply_nested_value: (1, {"nested-value"}),
    building.json_with_numbers_that_are_none: (2, {"not-finite"}),
    building.nested_parquet: (1, {"nested-value", "unknown-column"}),
}
NOT_YET: dict[Callable[[Path], Path], str] = {}

Outcome = dict[str, Any]


def _marks(build: Callable[[Path], Path]) -> list[pytest.MarkDecorator]:
    return [pytest.mark.xfail(reason=NOT_YET[build], strict=True)] if build in NOT_YET else []


@pytest.mark.parametrize("build", [pytest.param(b, id=b.__name__, marks=_marks(b)) for b in (*REFUSED, *READ)])
def test_a_hostile_file_ends_in_a_clear_message(
    build: Callable[[Path], Path], tmp_path: Path, reader: Callable[[Path], Outcome]
) -> None:
    found = reader(build(tmp_path))
    assert found["end"] != "died", found["lines"]
    if build in REFUSED:
        assert (found["end"], set(found["codes"])) == ("refused", REFUSED[build]), found["lines"]
    else:
        assert (found["end"], found["rows"]) == ("read", READ[build][0]), found["lines"]
        assert set(found["codes"]) >= READ[build][1]
    assert all((PAGES / f"{code}.md").is_file() for code in found["codes"])
    assert found["mebibytes"] <= MEBIBYTES
    assert found["seconds"] <= SECONDS
    assert all(len(line) < 2000 for line in found["lines"])


def test_every_hostile_file_is_read() -> None:
    # A builder that nobody lists would be a test that never runs.
    built = {n for n, f in vars(building).items() if getattr(f, "__annotations__", {}).get("folder") == "Path"}
    assert {n for n in built if not n.startswith("_")} == {b.__name__ for b in (*REFUSED, *READ)}
