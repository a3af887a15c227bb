"""Every messy file reads as a careful person reads it; what is not read right yet is marked in its file, with why."""

from __future__ import annotations

import pytest

from messy.corpus import Messy, messy_files, total

FILES = list(messy_files())

#: Of all columns and cells, the share that a person may be asked about.
ASKED = 0.05


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(f, id=f.name, marks=[pytest.mark.xfail(reason=f.not_yet, strict=True)] if f.not_yet else [])
        for f in FILES
    ],
)
def test_a_messy_file_reads_as_expected(file: Messy) -> None:
    assert not file.differences, "\n".join(f"{outcome}: {what}" for outcome, what in file.differences)
    assert not file.unsaid


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_the_rows_of_every_account_add_up(file: Messy) -> None:
    reading, _ = file.outcome
    for account in reading.dataset.accounts:
        assert account.rows_read == account.rows_used + sum(account.skipped.values())


def test_no_cell_is_read_wrong_and_few_are_asked_about() -> None:
    read = total(f.outcome[1] for f in FILES if f.without_mapping)
    for counts in (read.columns, read.cells):
        assert counts["wrong"] == 0
        assert counts["asked"] <= ASKED * sum(counts.values())


def test_the_corpus_is_large_and_of_every_kind() -> None:
    names = [f.content["file"]["name"] for f in FILES]
    kinds = {n.rsplit(".", 1)[1] for n in names}
    assert len(names) >= 40
    assert kinds >= {"xlsx", "xls", "xlsb", "ods", "csv", "tsv", "json", "jsonl", "parquet"}
