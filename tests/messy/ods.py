"""Writes an OpenDocument spreadsheet: cells of text, numbers, percentages, dates and yes or no; nothing else."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from messy.writing import content

_KIND = "application/vnd.oasis.opendocument.spreadsheet"
_NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"'
)


def write_ods(path: Path, description: Mapping[str, Any]) -> None:
    """The workbook of a description, as `messy.writing` takes it."""
    tables = "".join(_table(sheet) for sheet in description["sheets"])
    document = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_NAMES}>'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_KIND}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", _KIND, compress_type=zipfile.ZIP_STORED)
        book.writestr("content.xml", document)
        book.writestr("META-INF/manifest.xml", manifest)


def _table(sheet: Mapping[str, Any]) -> str:
    hidden = set(sheet.get("hidden_rows", ()))
    rows = "".join(
        f"<table:table-row{' table:visibility=' + quoteattr('filter') if number in hidden else ''}>"
        f"{''.join(map(_cell, row))}</table:table-row>"
        for number, row in enumerate(sheet["rows"], 1)
    )
    return f"<table:table table:name={quoteattr(sheet['name'])}>{rows}</table:table>"


def _cell(cell: Any) -> str:
    value, form, _ = content(cell)
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, bool):
        return f'<table:table-cell office:value-type="boolean" office:boolean-value="{str(value).lower()}"/>'
    if isinstance(value, dt.date):
        return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
    if isinstance(value, int | float):
        kind = "percentage" if "%" in form else "float"
        return f'<table:table-cell office:value-type="{kind}" office:value="{value}"/>'
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in value.split("\n"))
    return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'
