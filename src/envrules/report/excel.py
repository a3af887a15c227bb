"""The library that writes workbooks, which is an extra."""

from __future__ import annotations

from typing import Any

from envrules.diagnostics import CallError, Diagnostic


def excel_writer(where: str, instead: str = "") -> Any:
    """The module that writes workbooks.

    Args:
        where: the option that asks for a workbook.
        instead: what can be asked for without it, said after how to install it.

    Raises:
        CallError: `extra-missing`.
    """
    try:
        import xlsxwriter
    except ImportError:
        what = "writing Excel workbooks needs xlsxwriter, which is not installed"
        hint = f'install it with: pip install "envrules[excel]"{instead}'
        raise CallError([Diagnostic("extra-missing", where, what, hint=hint)]) from None
    return xlsxwriter
