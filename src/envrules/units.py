"""The one unit registry: texts such as `t/h`, `微克/立方米` or `tce/1e4 yuan` become a factor and a dimension.

Only this module imports pint, and only when a unit is first asked for. What leaves it is plain numbers, so that no
engine needs pint to evaluate. It knows nothing of rules or records.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from importlib import resources
from typing import Any, cast

from envrules.diagnostics import nearest

Dimension = tuple[tuple[str, float], ...]

#: Units written as a whole that a product of names does not give.
WHOLE_TEXTS = {
    "蒸吨": "t/h",
    "蒸吨/小时": "t/h",
    "蒸吨/时": "t/h",
    "蒸吨/h": "t/h",
    "吨蒸汽/小时": "t/h",
    "kwh": "kWh",
}
#: Characters and names that stand for a unit's name in the registry.
SPELLINGS = {
    "%": "percent",
    "‰": "permille",
    "℃": "degC",
    "°C": "degC",
    "℉": "degF",
    "°F": "degF",
    "dB(A)": "dBA",
    "百分比": "percent",
    "千分比": "permille",
    "ton": "metric_ton",
    "tons": "metric_ton",
    "T": "metric_ton",
    "KW": "kilowatt",
}
#: English words by which headers write a unit out. A bare `tons` is not among them: it may be short ones.
_WORDS = {
    "thousand": "1e3",
    "million": "1e6",
    "billion": "1e9",
    "short tons": "short_ton",
    "short ton": "short_ton",
    "long tons": "long_ton",
    "metric tons": "metric_ton",
    "metric ton": "metric_ton",
    "cubic meters": "meter**3",
    "cubic metres": "meter**3",
    "cubic meter": "meter**3",
    "cubic metre": "meter**3",
    "cubic feet": "cubic_foot",
    "pounds": "pound",
    "kilograms": "kilogram",
    "grams": "gram",
    "milligrams": "milligram",
    "micrograms": "microgram",
    "megawatts": "megawatt",
    "kilowatts": "kilowatt",
    "liters": "liter",
    "litres": "liter",
    "liter": "liter",
    "litre": "liter",
    "gallons": "gallon",
    "btu": "btu",
    "mmbtu": "mmbtu",
    "hour": "hour",
    "day": "day",
    "year": "year",
}
_IN_WORDS = re.compile(rf"(?:{'|'.join(sorted(_WORDS, key=len, reverse=True))})(?![^\s])")
_MULTIPLIERS = {"百万": 1e6, "千万": 1e7, "万亿": 1e12, "十": 10.0, "百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8}
_MAX_TEXT = 80
_MAX_FACTORS = 8
_FACTOR = re.compile(
    r"""\s*(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(?:\*(?!\*))?\s*   # 1e4 in `1e4 yuan`
      | \s*(?P<name>dB\(A\)|°[CF]|[^\W\d]\w*|[%‰℃℉])                      # a name; a trailing digit is a power: m3
        (?:\s*(?:\*\*|\^)\s*(?P<power>-?\d)|(?P<super>[²³]))?\s*
      | \s*(?P<op>[*/·⋅.()])\s*""",
    re.VERBOSE,
)


class UnitError(ValueError):
    """A text that is not a unit, with the diagnostic code that fits and the nearest right name."""

    def __init__(self, code: str, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.code = code
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its text, and `x` of it is `factor * x + shift` in base units of `dimension`.

    Two units are equal when they measure the same, however they are written.
    """

    text: str = field(compare=False)
    factor: float
    shift: float
    dimension: Dimension

    @property
    def dimensionless(self) -> bool:
        return not self.dimension

    def __str__(self) -> str:
        return self.text or "1"


#: The unit of plain numbers.
ONE = Unit("", 1.0, 0.0, ())


def describe_dimension(dimension: Dimension) -> str:
    """The dimension in words, as messages use it.

    Examples:
        >>> describe_dimension(parse_unit("t/h").dimension)
        'mass / time'
        >>> describe_dimension(())
        'a share or plain number'
    """
    if not dimension:
        return "a share or plain number"

    def spell(items: Iterable[tuple[str, float]]) -> str:
        return " * ".join(n + (f"^{p:g}" if p != 1 else "") for n, p in items)

    named = _DIMENSION_NAMES.get(dimension)
    if named:
        return named
    above = [(n, p) for n, p in dimension if p > 0]
    below = [(n, -p) for n, p in dimension if p < 0]
    return (spell(above) or "1") + (f" / {spell(below)}" if below else "")


_DIMENSION_NAMES: dict[Dimension, str] = {
    (("length", 2.0), ("mass", 1.0), ("time", -3.0)): "power",
    (("length", 2.0), ("mass", 1.0), ("time", -2.0)): "energy",
    (("length", 2.0),): "area",
    (("length", 3.0),): "volume",
    (("length", 3.0), ("time", -1.0)): "volume / time",
    (("length", -3.0), ("mass", 1.0)): "mass / volume (a concentration)",
}


def normalise(text: str) -> str:
    """A unit's text in plain characters: full-width forms folded, brackets of a header gone.

    Examples:
        >>> normalise("（ｔ／ｈ）"), normalise("μg/m³")
        ('t/h', 'µg/m³')
    """
    # NFKC would turn ³ into 3 and ℃ into °C; powers are kept by taking them out first.
    kept = text.replace("²", "\ue002").replace("³", "\ue003").replace("㎡", "m\ue002").replace("㎥", "m\ue003")
    folded = unicodedata.normalize("NFKC", kept).replace("\ue002", "²").replace("\ue003", "³").replace("μ", "µ").strip()
    while len(folded) > 1 and (folded[0], folded[-1]) in {("(", ")"), ("[", "]"), ("【", "】")}:
        folded = folded[1:-1].strip()
    return folded


class Units:
    """The registry with a pack's own units added.

    Args:
        extra: definitions in pint's language, such as `"jin = 500 * gram = 斤"`.

    Raises:
        UnitError: `unit-definition` for a definition pint does not take or that would change a unit already known.
    """

    def __init__(self, extra: Iterable[str] = ()) -> None:
        import pint

        definitions = resources.files("envrules").joinpath("units.txt").read_text("utf-8").splitlines()
        # None: an empty registry, which pint takes though its types do not say so. autoconvert: the offset of a
        # temperature is applied when it is converted, never guessed in arithmetic.
        self._registry: Any = pint.UnitRegistry(cast(str, None), autoconvert_offset_to_baseunit=True)
        self._registry.load_definitions(definitions)
        self._names: dict[str, Any] = {}
        self._units: dict[str, Unit] = {}
        for line in extra:
            self._define(line)

    def _define(self, line: str) -> None:
        names = [n.strip() for n in line.split("=")]
        if len(line) > 200 or len(names) < 2 or not all(names) or line.lstrip().startswith(("@", "#", "[")):
            raise UnitError("unit-definition", f"{line[:60]!r} does not define a unit", "write: name = 2 * known_unit")
        for name in [names[0], *names[2:]]:
            if not name.isidentifier() or self._lookup(name) is not None:
                raise UnitError("unit-definition", f"{name!r} is already a unit, or is not a name", "take another name")
        try:
            self._registry.define(line)
            self._registry.Quantity(1.0, names[0]).to_root_units()
        except Exception as error:  # pint raises many kinds for a malformed definition; each is the pack's fault
            raise UnitError("unit-definition", f"{line[:60]!r}: {error}", "write: name = 2 * known_unit") from None
        self._names.clear()

    def _lookup(self, name: str) -> Any | None:
        name = SPELLINGS.get(name, name)
        if name not in self._names:
            import pint

            try:
                self._names[name] = self._registry.Unit(name)
            except (pint.PintError, ValueError, AttributeError, TypeError, KeyError):
                self._names[name] = None
        return self._names[name]

    def names(self) -> list[str]:
        """Every name and alias that the registry knows, without prefixes."""
        return sorted(n for n in self._registry._units if n.isidentifier())

    def _powered(self, name: str) -> Any | None:
        """A unit by its name, or with a trailing power as in m3."""
        found = self._lookup(name) if name else None
        if found is None and name[-1:] in ("2", "3") and len(name) > 1:
            base = self._lookup(name[:-1])
            found = None if base is None else base ** int(name[-1])
        return found

    def _factor(self, name: str) -> tuple[float, Any]:
        """A name as (multiplier, pint unit): `万吨` is 1e4 of 吨, `m3` is m to the third."""
        found = self._lookup(name)
        if found is not None:
            return 1.0, found
        for word in sorted(_MULTIPLIERS, key=len, reverse=True):
            rest = self._powered(name[len(word) :]) if name.startswith(word) else None
            if rest is not None:
                return _MULTIPLIERS[word], rest
        powered = self._powered(name)
        if powered is not None:
            return 1.0, powered
        raise UnitError(
            "unknown-unit",
            f"{name!r} is not a unit known here",
            nearest(name, [*self.names(), *SPELLINGS]) or "a pack adds units under `units:` in pack.yaml",
        )

    def parse(self, text: str) -> Unit:
        """The unit that a text means.

        Raises:
            UnitError: `unknown-unit` when a name in it is not known, or it is not a product of units at all.

        Examples:
            >>> parse_unit("万吨").factor == parse_unit("1e4 t").factor
            True
            >>> parse_unit("亿立方米") == parse_unit("1e8 m**3") == parse_unit("亿m³") == parse_unit("亿m3")
            True
        """
        if text not in self._units:
            self._units[text] = self._parse(text)
        return self._units[text]

    def _parse(self, text: str) -> Unit:
        plain = normalise(text)
        if plain in ("", "1"):  # as columns of units write a plain ratio
            return ONE
        if len(plain) > _MAX_TEXT:
            raise UnitError("unknown-unit", f"{plain[:30]!r}... is too long for a unit")
        plain = WHOLE_TEXTS.get(plain) or _written_out(plain)
        number, unit = self._product(plain)
        try:
            base = self._registry.Quantity(1.0, unit).to_root_units()
            zero = self._registry.Quantity(0.0, unit).to_root_units().magnitude if _has_offset(unit) else 0.0
        except Exception as error:
            raise UnitError("unknown-unit", f"{plain!r} cannot be used as a unit: {error}") from None
        factor = (base.magnitude - zero) * number
        if not math.isfinite(factor) or factor <= 0:
            raise UnitError("unknown-unit", f"{plain!r} has no usable size")
        dimension = tuple(sorted((str(k).strip("[]"), float(v)) for k, v in dict(unit.dimensionality).items() if v))
        return Unit(text.strip(), factor, zero, dimension)

    def _product(self, plain: str) -> tuple[float, Any]:
        """The number and the pint unit of a product such as `1e4 t`, `tce/1e4 yuan`, `mg/(L*d)`."""
        number, unit = 1.0, self._registry.Unit("")
        signs, sign, after, position = (
            [1],
            1,
            "",
            0,
        )  # `after`: what stood before, so that two names in a row are refused
        for _ in range(3 * _MAX_FACTORS):
            if position == len(plain):
                break
            match = _FACTOR.match(plain, position)
            if match is None or not _may_follow(after, match):
                raise UnitError("unknown-unit", f"{plain!r} is not a unit", "write for example t/h, mg/m**3, 1e4 t")
            position = match.end()
            if match["number"]:
                number *= float(match["number"]) ** sign
                after = "number"
            elif match["name"]:
                times, one = self._factor(match["name"])
                power = int(match["power"]) if match["power"] else {"²": 2, "³": 3}.get(match["super"] or "", 1)
                number *= times**sign  # 万m³ is 10 000 cubic metres, not a cube of 10 000 metres
                unit = unit * one ** (sign * power)
                after, sign = "name", signs[-1]
            elif match["op"] == "(":
                signs.append(sign)
                after = "("
            elif match["op"] == ")":
                if len(signs) == 1:
                    break
                signs.pop()
                after, sign = "name", signs[-1]
            else:
                sign = -signs[-1] if match["op"] == "/" else signs[-1]
                after = "op"
        if position < len(plain) or after != "name" or len(signs) > 1:
            raise UnitError("unknown-unit", f"{plain!r} is not a whole unit", "write for example t/h, mg/m**3, 1e4 t")
        return number, unit

    def conversion(self, source: Unit, target: Unit, context: str = "") -> tuple[float, float] | None:
        """(factor, shift) such that `x` of the source is `factor * x + shift` of the target; None where none exists.

        Args:
            context: the name of an equivalence under which other dimensions convert too, such as `steam`
                (1 t/h of steam counts as 0.7 MW).

        Examples:
            >>> units = Units()
            >>> units.conversion(units.parse("MW"), units.parse("t/h")) is None
            True
            >>> factor, shift = units.conversion(units.parse("MW"), units.parse("t/h"), "steam")
            >>> round(7 * factor, 12), shift
            (10.0, 0.0)
        """
        if source == target:
            return 1.0, 0.0
        if source.dimension == target.dimension:
            return _clean(source.factor / target.factor), (source.shift - target.shift) / target.factor
        if context:
            root = self._context_factor(source.dimension, target.dimension, context)
            if root is not None:
                return _clean(source.factor * root / target.factor), 0.0
        return None

    @lru_cache(maxsize=256)  # noqa: B019 - a registry lives as long as its pack, and few are made
    def _context_factor(self, source: Dimension, target: Dimension, context: str) -> float | None:
        import pint

        def base_unit(dimension: Dimension) -> Any:
            unit = self._registry.Unit("")
            for name, power in dimension:
                unit = unit * self._registry.Unit(_BASE_UNITS[name]) ** power
            return unit

        try:
            return float(self._registry.Quantity(1.0, base_unit(source)).to(base_unit(target), context).magnitude)
        except (pint.PintError, KeyError, ValueError, TypeError):
            return None

    def contexts(self) -> list[str]:
        """The names of the equivalences."""
        return sorted(set(self._registry._contexts))


_BASE_UNITS = {
    "length": "meter",
    "mass": "gram",
    "time": "second",
    "temperature": "kelvin",
    "substance": "mole",
    "currency": "yuan",
    "sound_level": "decibel_level",
    "turbidity": "ntu",
}


def _clean(factor: float) -> float:
    """A factor without the noise of the divisions it came from: 14 MW is exactly 20 t/h, whatever pint's release.

    A factor that is a ratio of small whole numbers but for rounding (10/7 for MW to t/h) is taken as that ratio.
    """
    small = factor < 1
    ratio = Fraction(1 / factor if small else factor).limit_denominator(100_000)
    near = float(1 / ratio if small else ratio)
    return near if abs(near - factor) <= 1e-14 * factor else factor


def _written_out(plain: str) -> str:
    """A unit in English words as a product: `Thousand Pounds per Hour`; any other text as it stands.

    Examples:
        >>> _written_out("Thousand Pounds per Hour"), _written_out("short tons"), _written_out("t/h")
        ('1e3 pound/hour', 'short_ton', 't/h')
    """
    parts = []
    for part in " ".join(plain.lower().split()).split(" per "):
        words = _IN_WORDS.sub(lambda m: _WORDS[m[0]], part)
        if not re.fullmatch(r"(?:\d[\d.e]* )?(?:1e\d )?[a-z_]+(?:\*\*3)?", words) or not _IN_WORDS.search(part):
            return plain
        parts.append(words)
    return "/".join(parts)


def _may_follow(before: str, match: re.Match[str]) -> bool:
    """Whether a part of a unit may stand after what came before it; `1/h` may start with a number, `/h` may not."""
    operand = bool(match["number"] or match["name"] or match["op"] == "(")
    if before in ("", "op", "("):
        return operand
    if before == "number":
        return not match["number"] and match["op"] != ")"
    return not operand


def _has_offset(unit: Any) -> bool:
    return not all(unit._REGISTRY._units[name].is_multiplicative for name in unit._units)


@lru_cache(maxsize=16)
def registry(extra: tuple[str, ...] = ()) -> Units:
    """The registry with these definitions added; the same one for the same definitions."""
    return Units(extra)


def parse_unit(text: str) -> Unit:
    """The unit a text means in the shipped registry; see `Units.parse`."""
    return registry().parse(text)
