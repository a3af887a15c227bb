"""Arguments that several commands take, and how they are taken apart."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from envrules.diagnostics import CallError, Diagnostic, InputError, Problems

DEFAULT_PACK: Final = "jiuquan-2018"

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE",
        help="Tables of records: csv, tsv, xlsx, xls, ods, json, jsonl, parquet. TYPE=FILE names the record type; "
        "without it the type is recognised. FILE#SHEET takes one sheet.",
        show_default=False,
    ),
]
Pack = Annotated[
    str, typer.Option("--pack", "-p", metavar="PACK", help="A shipped pack, or the folder or zip of a pack.")
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="The evaluation date, such as 2020-12-31; today by default."),
]
Engine = Annotated[
    str,
    typer.Option(
        "--engine", metavar="ENGINE", help="The engine that judges: auto picks one; spark leaves it to a cluster."
    ),
]
Mapping = Annotated[
    str | None,
    typer.Option("--map", metavar="FILE", help="A mapping file: which column is which field.", show_default=False),
]
Subjects = Annotated[
    list[str] | None,
    typer.Option(
        "--subjects",
        metavar="TYPE.FIELD=FILE",
        help="Who has to appear, one a line: report.unit=units.txt. May be repeated.",
        show_default=False,
    ),
]
Places = Annotated[
    list[str] | None,
    typer.Option(
        "--places",
        metavar="FIELD=FILE",
        help="Polygons that give a field of records with coordinates: zone=built-up.geojson. zone.by=NAME names their "
        "attribute, zone.system their coordinates; system=GCJ-02 and accuracy=50 (metres) are of the records. "
        "May be repeated.",
        show_default=False,
    ),
]

_MOST_BYTES: Final = 5_000_000
_TYPED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.+)", re.DOTALL)


def parse_inputs(files: Iterable[str]) -> list[tuple[str | None, str]]:
    """Pairs (record type or None, file) of `FILE` and `TYPE=FILE`; a pattern no shell has expanded is expanded.

    Examples:
        >>> parse_inputs(["boiler=a.xlsx", "coal.csv"])
        [('boiler', 'a.xlsx'), (None, 'coal.csv')]
    """
    found: list[tuple[str | None, str]] = []
    for file in files:
        typed = None if os.path.exists(file) else _TYPED.fullmatch(file)
        kind, path = (typed[1], typed[2]) if typed else (None, file)
        matching = sorted(glob.glob(path)) if glob.has_magic(path) and not os.path.exists(path) else []
        found += [(kind, one) for one in matching or [path]]
    return found


def parse_places(given: Iterable[str] | None) -> dict[str, Any] | None:
    """The places that `--places` options say; None where there are none.

    Raises:
        CallError: `places-setting`.

    Examples:
        >>> parse_places(["zone=a.gpkg", "zone.by=NAME", "accuracy=50"])
        {'zone': {'file': 'a.gpkg', 'by': 'NAME'}, 'accuracy': 50.0}
    """
    found: dict[str, Any] = {}
    for one in given or ():
        name, equals, text = one.partition("=")
        field, dot, part = name.strip().partition(".")
        if not equals or not text or (dot and part not in ("by", "system")):
            what, expected = (
                f"{one!r} says no place",
                "FIELD=FILE, FIELD.by=NAME, FIELD.system=..., system=..., accuracy=50",
            )
            raise CallError([Diagnostic("places-setting", "--places", what, expected)])
        if dot:
            found.setdefault(field, {})[part] = text
        elif field in ("accuracy", "far"):
            found[field] = float(text) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) else text
        elif field == "system":
            found[field] = text
        else:
            found.setdefault(field, {})["file"] = text
    return found or None


def parse_subjects(subjects: Iterable[str] | None) -> dict[str, list[str]]:
    """`TYPE.FIELD` -> the names its file lists, one a line; blank lines and those that begin with # are left out.

    Raises:
        InputError: `call-value`, `file-not-found`, `file-not-readable`, `file-too-large`, `file-encoding` or
            `file-empty`.
    """
    found: dict[str, list[str]] = {}
    problems = Problems()
    for given in subjects or ():
        name, equals, file = given.partition("=")
        if not equals or not re.fullmatch(r"\w+\.\w+", name.strip()) or not file:
            what = f"{given!r} does not say whom it names"
            problems.error("call-value", "--subjects", what, expected="TYPE.FIELD=FILE, such as report.unit=units.txt")
            continue
        names = _names(file, problems)
        found.setdefault(name.strip(), []).extend(names)
    problems.raise_errors(InputError)
    return {name: list(dict.fromkeys(names)) for name, names in found.items()}


def _names(file: str, problems: Problems) -> list[str]:
    try:
        with Path(file).open("rb") as opened:
            data = opened.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        problems.error("file-not-found", file, "there is no such file")
        return []
    except OSError as error:
        problems.error("file-not-readable", file, f"the file cannot be read: {error.strerror or error}")
        return []
    if len(data) > _MOST_BYTES:
        problems.error("file-too-large", file, f"a list of names is at most {_MOST_BYTES:,} bytes")
        return []
    text = _decode(data)
    if text is None:
        problems.error(
            "file-encoding", file, "the file is text in no encoding known here", expected="UTF-8 or GB 18030"
        )
        return []
    names = [line.strip() for line in text.splitlines()]
    names = [name for name in names if name and not name.startswith("#")]
    if not names:
        problems.add(Diagnostic("file-empty", file, "the file names nobody"))
    return names


def _decode(data: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
