"""An expression's text to its syntax tree, with every part's place. Only this module imports lark."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from importlib import resources
from typing import Any, cast

from envrules.lang import syntax as sx

MAX_LENGTH = 4000
MAX_NESTING = 40
MAX_PARTS = 800

_SPELLINGS = {"≤": "<=", "≥": ">=", "≠": "!="}
_WORDS = {
    "LPAR": "(",
    "RPAR": ")",
    "LBRACE": "{",
    "RBRACE": "}",
    "COMMA": ",",
    "DOT": ".",
    "COMPARE": "a comparison such as <=",
    "SIGN": "+ or -",
    "TIMES": "* or /",
    "NAME": "a name",
    "NUMBER": "a number",
    "QUANTITY": "a quantity such as 10 t/h",
    "DATE": "a date",
    "TEXT": 'a "text"',
    "$END": "the end",
}


class ExpressionError(ValueError):
    """A text that is not an expression: where in it, what is wrong, what was expected."""

    def __init__(self, code: str, span: sx.Span, what: str, expected: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.code, self.span, self.what, self.expected, self.hint = code, span, what, expected, hint


def parse(text: str) -> sx.Syntax:
    """The syntax tree of an expression.

    Raises:
        ExpressionError: `syntax` where it cannot be read, `expression-limit` where it is too long or too deep.

    Examples:
        >>> parse("capacity <= 10 t/h").ops
        ('<=',)
    """
    _check_size(text)
    from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken, VisitError

    try:
        return cast(sx.Syntax, _builder().transform(_parser().parse(text)))
    except UnexpectedToken as error:
        token = error.token
        at_end = token.type == "$END"
        start = len(text.rstrip()) if at_end else int(token.start_pos or 0)
        found = "the end of the expression" if at_end else repr(str(token))
        raise ExpressionError(
            "syntax",
            (start, start + max(1, 0 if at_end else len(token))),
            f"the expression cannot go on with {found} here",
            _expected(error.expected),
            _advice(str(token)),
        ) from None
    except UnexpectedCharacters as error:
        start = cast(int, error.pos_in_stream)
        character = text[start : start + 1]
        raise ExpressionError(
            "syntax",
            (start, start + 1),
            f"{character!r} has no meaning in an expression",
            _expected(error.allowed),
            _advice(character),
        ) from None
    except UnexpectedEOF as error:
        raise ExpressionError(
            "syntax", (len(text), len(text) + 1), "the expression ends too early", _expected(error.expected)
        ) from None
    except VisitError as error:
        if isinstance(error.orig_exc, ExpressionError):
            raise error.orig_exc from None
        raise


def _check_size(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise ExpressionError("expression-limit", (0, 1), f"the expression is longer than {MAX_LENGTH} characters")
    depth = deepest = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    prefixes = len(re.findall(r"\bnot\b(?!\s+in\b)|\belse\b|(?<![\w)])[-+]", text))
    if deepest > MAX_NESTING or prefixes > 2 * MAX_NESTING:
        raise ExpressionError("expression-limit", (0, 1), f"the expression is nested deeper than {MAX_NESTING} levels")
    if len(re.findall(r"[\w%]+|[<>=!+*/-]+", text)) > MAX_PARTS:
        raise ExpressionError("expression-limit", (0, 1), f"the expression has more than {MAX_PARTS} parts")


def _expected(names: Any) -> str:
    words: list[str] = sorted({str(_WORDS.get(n, n.lower())) for n in names if not n.startswith("__")})
    return ", ".join(words[:8]) + (" ..." if len(words) > 8 else "")


def _advice(found: str) -> str:
    return {
        "=": "write == to compare",
        "&": "write and",
        "|": "write or",
        "!": "write not, or != for unequal",
        "'": "texts stand in double quotes; enumeration values need none",
        "，": "use the half-width comma",
        "（": "use half-width brackets",
        "）": "use half-width brackets",
        "[": "write a set in braces: {a, b}",
    }.get(found[:1], "")


@lru_cache(maxsize=1)
def _parser() -> Any:
    from lark import Lark

    grammar = resources.files("envrules.lang").joinpath("grammar.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", propagate_positions=True, maybe_placeholders=False)


@lru_cache(maxsize=1)
def _builder() -> Any:
    from lark import Token, Transformer, v_args

    def span(meta: Any, children: list[Any] = []) -> sx.Span:  # noqa: B006 - never changed
        return (int(getattr(meta, "start_pos", 0)), int(getattr(meta, "end_pos", 0)))

    @v_args(meta=True)
    class Build(Transformer[Token, sx.Syntax]):
        def number(self, meta: Any, children: list[Any]) -> sx.Syntax:
            return sx.Number(span(meta), float(children[0]), str(children[0]))

        def quantity(self, meta: Any, children: list[Any]) -> sx.Syntax:
            text = str(children[0])
            match = re.match(r"[\d.]+(?:[eE][+-]?\d+)?", text)
            # `5e` of `5 eggs` cannot be taken for an exponent: an exponent needs its digits.
            number = match.group() if match else text
            unit = text[len(number) :].lstrip()
            start, end = span(meta)
            return sx.Quantity((start, end), float(number), unit, text, (end - len(unit), end))

        def date(self, meta: Any, children: list[Any]) -> sx.Syntax:
            try:
                return sx.Date(span(meta), dt.date.fromisoformat(str(children[0])))
            except ValueError:
                raise ExpressionError(
                    "date-value", span(meta), f"{children[0]} is not a day of the calendar", "a date such as 2018-03-22"
                ) from None

        def text(self, meta: Any, children: list[Any]) -> sx.Syntax:
            return sx.Text(span(meta), str(children[0])[1:-1])

        def true(self, meta: Any, children: list[Any]) -> sx.Syntax:
            return sx.Truth(span(meta), True)

        def false(self, meta: Any, children: list[Any]) -> sx.Syntax:
            return sx.Truth(span(meta), False)

        def name(self, meta: Any, children: list[Any]) -> sx.Syntax:
            return sx.Name(span(meta), str(children[0]))

        def member(self, meta: Any, children: list[Any]) -> sx.Syntax:
            return sx.Name(span(meta), str(children[0]), str(children[1]))

        def call(self, meta: Any, children: list[Any]) -> sx.Syntax:
            return sx.Call(span(meta), str(children[0]), tuple(c for c in children[1:] if c is not None))

        def group(self, meta: Any, children: list[Any]) -> sx.Syntax:
            return cast(sx.Syntax, children[0])

        def sign(self, meta: Any, children: list[Any]) -> sx.Syntax:
            return cast(sx.Syntax, children[1]) if children[0] == "+" else sx.Negative(span(meta), children[1])

        def arithmetic(self, meta: Any, children: list[Any]) -> sx.Syntax:
            return sx.Arithmetic(span(meta), str(children[1]), children[0], children[2])

        def compare(self, meta: Any, children: list[Any]) -> sx.Syntax:
            ops = tuple(_SPELLINGS.get(str(c), str(c)) for c in children[1::2])
            return sx.Comparison(span(meta), tuple(children[0::2]), ops)

        def members(self, meta: Any, children: list[Any]) -> tuple[sx.Syntax, ...]:
            return tuple(children)

        def is_in(self, meta: Any, children: list[Any]) -> sx.Syntax:
            return sx.In(span(meta), children[0], children[1], False)

        def is_not_in(self, meta: Any, children: list[Any]) -> sx.Syntax:
            return sx.In(span(meta), children[0], children[1], True)

        def is_filled(self, meta: Any, children: list[Any]) -> sx.Syntax:
            return sx.IsFilled(span(meta), children[0], False)

        def is_not_filled(self, meta: Any, children: list[Any]) -> sx.Syntax:
            return sx.IsFilled(span(meta), children[0], True)

        def inverse(self, meta: Any, children: list[Any]) -> sx.Syntax:
            return sx.Not(span(meta), children[0])

        def both(self, meta: Any, children: list[Any]) -> sx.Syntax:
            return children[0] if len(children) == 1 else sx.And(span(meta), tuple(children))

        def either(self, meta: Any, children: list[Any]) -> sx.Syntax:
            return children[0] if len(children) == 1 else sx.Or(span(meta), tuple(children))

        def if_else(self, meta: Any, children: list[Any]) -> sx.Syntax:
            return sx.Conditional(span(meta), children[1], children[0], children[2])

    return Build()
