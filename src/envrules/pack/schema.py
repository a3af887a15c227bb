"""The JSON schema of a pack's documents, from their models."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from envrules.pack.model import ClauseDocument, PackDocument, RecordDocument, ScreeningDocument, StandardDocument


def documents_schema() -> dict[str, Any]:
    """One schema for every file of a pack.

    Examples:
        >>> sorted(documents_schema()["$defs"])[:2]
        ['AliasPart', 'AssumePart']
    """
    adapter: TypeAdapter[Any] = TypeAdapter(
        ClauseDocument | RecordDocument | PackDocument | ScreeningDocument | StandardDocument
    )
    schema = adapter.json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "envrules pack document",
        **schema,
    }
