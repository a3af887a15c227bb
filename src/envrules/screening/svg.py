"""A chain as an SVG picture: boxes in columns from left to right, arrows between them; needs nothing but a viewer."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from unicodedata import east_asian_width

from envrules.report.inert import printable
from envrules.screening.diagram import Graph, Node

_UNIT = 7.0  # width of a Latin letter at 13 px; a Chinese character takes two
_BOLD = 7.6
_LINE = 18
_PAD = 10
_GAP = 16
_BETWEEN = 70
_MARGIN = 20
_WRAP = 44
_COLORS = {
    "fact": ("#eef3f8", "#5b7a99"),
    "unknown": ("#fff6dd", "#b58900"),
    "derived": ("#f1eef8", "#7a68a6"),
    "kept": ("#e9f5ec", "#3c8d56"),
    "broken": ("#fdeaea", "#b33a3a"),
    "open": ("#fff6dd", "#b58900"),
    "answer": ("#ffffff", "#222222"),
}


@dataclass
class _Box:
    node: Node
    lines: list[str]
    x: float = 0
    y: float = 0

    @property
    def width(self) -> float:
        # The first line is bold, and so wider.
        return max(_columns(line) * (_BOLD if n == 0 else _UNIT) for n, line in enumerate(self.lines)) + 2 * _PAD

    @property
    def height(self) -> float:
        return len(self.lines) * _LINE + 2 * _PAD - 4


def svg(graph: Graph) -> str:
    """The graph as the text of an SVG file."""
    boxes = {key: _Box(node, [part for line in node.lines for part in _wrapped(line)] or [""])
             for key, node in graph.nodes.items()}  # fmt: skip
    columns: dict[int, list[str]] = {}
    ranks = _ranks(graph)
    for key, box in boxes.items():
        columns.setdefault(box.node.column, []).append(key)
    width = height = float(_MARGIN)
    for column in sorted(columns):
        keys = columns[column]
        keys.sort(key=lambda key: ranks[key])
        y = float(_MARGIN)
        for key in keys:
            boxes[key].x, boxes[key].y = width, y
            y += boxes[key].height + _GAP
        height = max(height, y)
        width += max(boxes[key].width for key in keys) + _BETWEEN
    for keys in columns.values():
        used = boxes[keys[-1]].y + boxes[keys[-1]].height
        shift = (height - _GAP + _MARGIN - used - _MARGIN) / 2
        for key in keys:
            boxes[key].y += max(0.0, shift)
    width, height = width - _BETWEEN + _MARGIN, height - _GAP + _MARGIN
    parts = [_arrow(boxes[a], boxes[b]) for a, b in graph.edges]
    parts += [_drawn(box) for box in boxes.values()]
    title = escape(printable(" ".join(boxes["answer"].node.lines))) if "answer" in boxes else "chain"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" font-size="13" '
        "font-family=\"system-ui, 'Noto Sans CJK SC', 'Noto Sans SC', 'Microsoft YaHei', sans-serif\">\n"
        f"<title>{title}</title>\n"
        '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0 L8 4 L0 8 z" fill="#777"/></marker></defs>\n'
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _ranks(graph: Graph) -> dict[str, float]:
    """A number for each box by which its column is sorted: near what it leads to, so that fewer arrows cross."""
    rules = [key for key, node in graph.nodes.items() if node.kind in ("kept", "broken", "open")]
    ranks: dict[str, float] = {key: float(n) for n, key in enumerate(rules)}
    for key in sorted(graph.nodes, key=lambda k: -graph.nodes[k].column):
        if key not in ranks:
            after = [ranks[b] for a, b in graph.edges if a == key and b in ranks]
            ranks[key] = sum(after) / len(after) if after else 0.0
    return ranks


def _arrow(a: _Box, b: _Box) -> str:
    x1, y1, x2, y2 = a.x + a.width, a.y + a.height / 2, b.x, b.y + b.height / 2
    bend = (x2 - x1) / 2
    return (
        f'<path d="M{x1:.1f} {y1:.1f} C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}" '
        'fill="none" stroke="#777" stroke-width="1.2" marker-end="url(#head)"/>'
    )


def _drawn(box: _Box) -> str:
    fill, stroke = _COLORS[box.node.kind]
    dashed = ' stroke-dasharray="5 3"' if box.node.kind == "unknown" else ""
    weight = 2.4 if box.node.kind == "answer" else 1.2
    rows = []
    for n, line in enumerate(box.lines):
        bold = ' font-weight="600"' if n == 0 else ""
        y = box.y + _PAD + 11 + n * _LINE
        rows.append(f'<text x="{box.x + _PAD:.1f}" y="{y:.1f}"{bold} fill="#222">{escape(printable(line))}</text>')
    return (
        f'<g><rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="6" '
        f'fill="{fill}" stroke="{stroke}" stroke-width="{weight}"{dashed}/>{"".join(rows)}</g>'
    )


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(c) in "WFA" else 1 for c in text)


def _wrapped(line: str) -> list[str]:
    """A line in pieces of at most the width of a box, broken at blanks, or between Chinese characters.

    Examples:
        >>> [len(part) for part in _wrapped("a" * 50)], _wrapped("short")
        ([44, 6], ['short'])
    """
    pieces: list[str] = []
    rest = line
    while _columns(rest) > _WRAP:
        end = used = 0
        for character in rest:
            used += _columns(character)
            if used > _WRAP:
                break
            end += 1
        blank = rest.rfind(" ", 0, end + 1)
        cut = blank if blank > end // 2 else end
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest]
