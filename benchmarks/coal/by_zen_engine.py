"""The twelve limits in zen-engine: a decision table that collects every row that holds."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import zen
from benchmarks.coal.natural import BROKEN


def violations(lots: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """(rule, lot) for each violation."""
    evaluate = _decision().evaluate
    return [(row["rule"], lot["id"]) for lot in lots for row in evaluate(lot)["result"]]


@cache
def _decision() -> Any:
    rows = [
        {"_id": rule, "condition": f"{scope} and {broken}", "rule": f"'{rule}'"}
        for rule, (scope, _, broken) in BROKEN.items()
    ]
    place = {"x": 0, "y": 0}
    table = {
        "hitPolicy": "collect",
        "inputs": [{"id": "condition", "name": "condition", "field": ""}],
        "outputs": [{"id": "rule", "name": "rule", "field": "rule"}],
        "rules": rows,
    }
    content = {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "lot", "position": place},
            {"id": "table", "type": "decisionTableNode", "name": "limits", "position": place, "content": table},
            {"id": "out", "type": "outputNode", "name": "broken", "position": place},
        ],
        "edges": [
            {"id": "1", "sourceId": "in", "targetId": "table", "type": "edge"},
            {"id": "2", "sourceId": "table", "targetId": "out", "type": "edge"},
        ],
    }
    return zen.ZenEngine().create_decision(json.dumps(content))
