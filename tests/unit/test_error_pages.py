"""Every code of a diagnostic has a page, every page has a code, and each page is whole.

The codes are read off the source: the literal that stands for a parameter or field named `code` in a call of anything
defined here that has one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "envrules"
PAGES = ROOT / "docs" / "errors"
SECTIONS = ["Wrong", "Right", "Why", "How to mend it"]

#: Takes a code to look its page up, so gives none.
LOOKS_UP = "read_page"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text("utf-8")) for path in sorted(SOURCE.rglob("*.py"))}


def parameters(node: Function) -> list[str]:
    # An exit code is a code too, but a number.
    given = [*node.args.posonlyargs, *node.args.args]
    names = ["" if isinstance(a.annotation, ast.Name) and a.annotation.id == "int" else a.arg for a in given]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def defaults(node: Function) -> Iterator[tuple[str, ast.expr]]:
    positional = [a.arg for a in [*node.args.posonlyargs, *node.args.args]]
    yield from zip(positional[::-1], node.args.defaults[::-1], strict=False)
    yield from ((a.arg, d) for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if d is not None)


def declared(node: ast.ClassDef) -> Iterator[tuple[str, ast.AnnAssign]]:
    yield from ((s.target.id, s) for s in node.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name))


@cache
def definitions() -> dict[Path, dict[str, set[int]]]:
    """What each file defines, by name, with the positions at which it takes a code; none for what takes no code."""
    found: dict[Path, dict[str, set[int]]] = {}
    for path, tree in trees().items():
        own: dict[str, set[int]] = found.setdefault(path, {})
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                made = [s for s in node.body if isinstance(s, Function) and s.name == "__init__"]
                names = parameters(made[0]) if made else [name for name, _ in declared(node)]
            elif isinstance(node, Function):
                names = parameters(node)
            else:
                continue
            if node.name != "__init__":
                own.setdefault(node.name, set()).update([names.index("code")] if "code" in names else [])
    return found


def positions(path: Path, name: str) -> set[int]:
    """Where a call of this name takes a code: as the same file defines it, else as any other does."""
    own = definitions()[path].get(name)
    return own if own is not None else {p for d in definitions().values() for p in d.get(name, ())}


def literals(node: ast.expr) -> list[str]:
    """The texts that an argument may be; empty where it is not written out."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return [*literals(node.body), *literals(node.orelse)]
    return []


def passes_on(node: ast.expr) -> bool:
    """Whether an argument is a code that came from elsewhere: `code`, `error.code`."""
    return (isinstance(node, ast.Name) and node.id == "code") or (
        isinstance(node, ast.Attribute) and node.attr == "code"
    )


@cache
def givers() -> set[str]:
    """The functions whose tuples begin with a code: `for code, what in gaps(...)`."""
    loops = [n for tree in trees().values() for n in ast.walk(tree) if isinstance(n, ast.For | ast.comprehension)]
    return {
        node.iter.func.id
        for node in loops
        if isinstance(node.iter, ast.Call)
        and isinstance(node.iter.func, ast.Name)
        and isinstance(node.target, ast.Tuple)
        and isinstance(node.target.elts[0], ast.Name)
        and node.target.elts[0].id == "code"
    }


def tuples(node: ast.AST) -> Iterator[ast.Tuple]:
    yield from (
        n.value for n in ast.walk(node) if isinstance(n, ast.Yield | ast.Return) and isinstance(n.value, ast.Tuple)
    )


def code_arguments() -> Iterator[tuple[str, ast.expr]]:
    """Every argument that is a code, with its place."""
    for path, tree in trees().items():
        place = path.relative_to(ROOT).as_posix()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                given = [k.value for k in node.keywords if k.arg == "code"]
                if name != LOOKS_UP:
                    given += [node.args[p] for p in sorted(positions(path, name)) if p < len(node.args)]
                yield from ((f"{place}:{node.lineno}", g) for g in given)
            elif isinstance(node, Function):
                yield from ((f"{place}:{node.lineno}", d) for name, d in defaults(node) if name == "code")
                if node.name in givers():
                    yield from ((f"{place}:{t.lineno}", t.elts[0]) for t in tuples(node))
            elif isinstance(node, ast.ClassDef):
                for name, field in declared(node):
                    if name == "code" and field.value is not None:
                        yield f"{place}:{field.lineno}", field.value


@cache
def codes() -> dict[str, str]:
    """Each code with the first place that gives it."""
    found: dict[str, str] = {}
    for place, node in code_arguments():
        for text in literals(node):
            found.setdefault(text, place)
    found.pop("", None)  # a fault that was reported already
    return found


def pages() -> list[Path]:
    return sorted(PAGES.glob("*.md"))


def test_the_source_has_codes() -> None:
    assert {"unknown-unit", "unit-definition", "unusable-cell"} <= set(codes())


def test_every_code_is_a_few_plain_words() -> None:
    assert [c for c in codes() if not re.fullmatch(r"[a-z]+(-[a-z]+)*", c)] == []


def test_every_code_is_written_out() -> None:
    assert [place for place, node in code_arguments() if not literals(node) and not passes_on(node)] == []


def test_every_code_has_a_page() -> None:
    there = {p.stem for p in pages()}
    assert {code: place for code, place in codes().items() if code not in there} == {}


def test_every_page_has_a_code() -> None:
    assert [p.name for p in pages() if p.stem not in codes()] == []


@pytest.mark.parametrize("page", pages(), ids=lambda p: p.stem)
def test_page_is_whole(page: Path) -> None:
    text = page.read_text("utf-8")
    head, *sections = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    assert head.startswith(f"# {page.stem}\n\n")
    assert re.search(r"^中文：.*[\u4e00-\u9fff].*[。]$", head, flags=re.MULTILINE), "no summary in Chinese"
    assert len(head.split()) > 8, "what it means is missing"
    assert sections[::2] == SECTIONS
    assert all(body.strip() for body in sections[1::2])
    assert all("```" in body for body in sections[1:4:2]), "Wrong and Right show an example each"
