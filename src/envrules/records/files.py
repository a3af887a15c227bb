"""Files to raw tables: one reader for each format, chosen by the end of the file's name."""

from __future__ import annotations

from pathlib import Path

from envrules.diagnostics import Diagnostic, InputError, nearest
from envrules.records.frames import parquet_stream, parquet_table
from envrules.records.json_files import json_tables
from envrules.records.tables import Grid, RawTable
from envrules.records.text_files import text_grid
from envrules.records.words import printable
from envrules.records.workbooks import workbook_grids

TEXT_SUFFIXES = {".csv": "", ".tsv": "\t", ".txt": "", ".tab": "\t"}
JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
SUFFIXES = (*TEXT_SUFFIXES, *JSON_SUFFIXES, *WORKBOOK_SUFFIXES, ".parquet")


def split_sheet(source: str) -> tuple[Path, str]:
    """(file, sheet) of `FILE#Sheet`; a file whose own name holds `#` goes before.

    Examples:
        >>> split_sheet("a.xlsx#Sheet1")
        (PosixPath('a.xlsx'), 'Sheet1')
    """
    if "#" not in source or _exists(source):
        return Path(source), ""
    marks = [i for i, c in enumerate(source) if c == "#"]
    at = next((i for i in marks if _exists(source[:i])), marks[-1])
    return Path(source[:at]), source[at + 1 :]


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False


def open_file(source: str, streamed: bool = False) -> list[Grid | RawTable]:
    """The sheets of a file, or its one table.

    Args:
        streamed: whether text and Parquet are to be had in batches, for a file that is not to be held whole.

    Raises:
        InputError: `file-not-found`, `file-not-readable`, `file-empty`, `file-type`, `sheet-not-found`, and those of
            each format.
    """
    path, sheet = split_sheet(source)
    name = printable(source[: -len(sheet) - 1] if sheet else source)
    _refuse_path(path, name)
    suffix = path.suffix.lower()
    try:
        if suffix in TEXT_SUFFIXES:
            found: list[Grid | RawTable] = [text_grid(path, name, TEXT_SUFFIXES[suffix], streamed)]
        elif suffix in JSON_SUFFIXES:
            found = list(json_tables(path, name))
        elif suffix in WORKBOOK_SUFFIXES:
            found = list(workbook_grids(path, name))
        elif suffix == ".parquet":
            found = [parquet_stream(path, name) if streamed else parquet_table(path, name)]
        else:
            raise _fault(
                "file-type", name, f"files of type {suffix or '(none)'} cannot be read", expected=" ".join(SUFFIXES)
            )
    except OSError as error:
        raise _fault("file-not-readable", name, f"the file cannot be read: {error.strerror or error}") from None
    return _one_sheet(found, name, sheet) if sheet else found


def _refuse_path(path: Path, name: str) -> None:
    try:
        if not path.exists():
            siblings = [p.name for p in path.parent.iterdir() if p.name != path.name] if path.parent.is_dir() else []
            raise _fault("file-not-found", name, "there is no such file", hint=nearest(path.name, siblings[:2000]))
        if path.is_dir():
            raise _fault("file-not-readable", name, "this is a folder, not a file", hint="name the files in it")
        if not path.is_file():
            raise _fault("file-not-readable", name, "this is not an ordinary file")
        if path.stat().st_size == 0:
            raise _fault("file-empty", name, "the file is empty")
    except (OSError, ValueError) as error:
        raise _fault(
            "file-not-readable", name, f"the file cannot be read: {getattr(error, 'strerror', None) or error}"
        ) from None


def _one_sheet(found: list[Grid | RawTable], name: str, sheet: str) -> list[Grid | RawTable]:
    names = [t.sheet or (t.type_hint if isinstance(t, RawTable) else "") for t in found]
    for wanted in (sheet, sheet.strip().casefold()):
        for table, own in zip(found, names, strict=True):
            if wanted in (own, own.strip().casefold()):
                return [table]
    listed = ", ".join(n for n in names if n)
    raise _fault(
        "sheet-not-found",
        name,
        f"there is no sheet {sheet!r}",
        expected=listed or "a file without sheets is named without #",
        hint=nearest(sheet, names),
    )


def _fault(code: str, where: str, what: str, *, expected: str = "", hint: str = "") -> InputError:
    return InputError([Diagnostic(code, where, what, expected=expected, hint=hint)])
