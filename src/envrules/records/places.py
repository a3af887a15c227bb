"""Places: the zone of a record with coordinates, from polygons that the caller gives.

A place within its accuracy of a boundary is in both zones as far as anyone can know, so its zone is open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from envrules.diagnostics import CallError, Diagnostic, InputError, Problems, nearest
from envrules.interval import Interval, format_number
from envrules.records.areas import Areas, Found, attribute, described, read_areas
from envrules.records.cells import CellReader
from envrules.records.coordinates import SYSTEMS, System, system_named, to_wgs84
from envrules.records.types import Derived, Field, Objection, RecordType, Words
from envrules.records.values import ABSENT, Cell, Derivation, Fault, Nothing, Value
from envrules.units import Units

#: What may be given as places: field -> file, or field -> {file, system, by}; `system` and `accuracy` of the records.
Places = Mapping[str, Any]

_OPTIONS = ("system", "accuracy", "far")
_FAR = 300_000.0
_REMEMBERED = 50_000


@dataclass(frozen=True)
class _Area:
    file: str
    system: System | None = None
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """Which polygons give which field, and how the records' coordinates are to be taken.

    Args:
        system: of the records' coordinates; accuracy: theirs, in metres.
        far: metres from every polygon beyond which a place is taken for a mistake.
    """

    areas: Mapping[str, _Area]
    system: System = "WGS-84"
    accuracy: float = 0.0
    far: float = _FAR


def place_types(
    types: Mapping[str, RecordType], places: Places, units: Units
) -> tuple[dict[str, RecordType], Problems]:
    """The record types, those with coordinates completed by the polygons; and the warnings of the polygons.

    Raises:
        CallError: `places-setting`, `extra-missing`. InputError: `area-file`, `file-not-found`.
    """
    problems = Problems()
    settings = _settings(places, types)
    made: dict[tuple[str, str], Areas] = {}
    completed = dict(types)
    for field, area in settings.areas.items():
        for name, record in types.items():
            one = record.fields.get(field)
            if one is None or one.place is None or record.coordinates is None:
                continue
            key = (field, one.enum.name if one.enum else one.kind)
            if key not in made:
                made[key] = read_areas(area.file, area.system, _Words(one, area, units, problems), problems)
            reader = PlaceReader(one, record, made[key], settings, units)
            completed[name] = replace(completed[name], completions=(*completed[name].completions, reader))
    problems.raise_errors(InputError)
    return completed, problems


def places_of_one(
    places: Places | None, types: Mapping[str, RecordType], others: Mapping[str, RecordType]
) -> Places | None:
    """The places that the types of one of two packs know; those that neither knows are kept, to be refused."""
    if places is None:
        return None
    own, foreign = _located(types), _located(others)
    kept = {name: given for name, given in places.items() if name in own or name not in foreign}
    return kept if set(kept) - set(_OPTIONS) or kept == dict(places) else None


class _Words:
    """The word of a polygon: what being inside one means, or what an attribute of it says."""

    def __init__(self, one: Field, area: _Area, units: Units, problems: Problems) -> None:
        assert one.place is not None
        self.one, self.area, self.problems = one, area, problems
        self._read = CellReader(one, units)

    def __call__(self, own: dict[str, Any]) -> str | None:
        assert self.one.place is not None
        if self.one.place.inside and not self.area.by:
            return self.one.place.inside
        found = attribute(own, self.area.by or self.one.place.by)
        if found is None:
            wanted = ", ".join(self.area.by or self.one.place.by)
            what = f"no attribute of the polygon says its {self.one.name}: it has {', '.join(described(own)) or 'none'}"
            hint = "name the attribute: {file: ..., by: NAME}"
            self.problems.error("area-file", self.area.file, what, expected=wanted, hint=hint)
            return None
        cell = self._read(found[1])
        if isinstance(cell, Fault) or not isinstance(cell.value, str):
            why = cell.reason if isinstance(cell, Fault) else "it says nothing"
            self.problems.error("area-file", self.area.file, f"the attribute {found[0]} of a polygon: {why}")
            return None
        return cell.value


class PlaceReader:
    """Completes records of one type with the zone that their coordinates lie in."""

    def __init__(self, gives: Field, record: RecordType, areas: Areas, settings: Settings, units: Units) -> None:
        assert gives.place is not None
        assert record.coordinates is not None
        self.field, self.areas, self.settings = gives, areas, settings
        self.longitude, self.latitude = record.coordinates
        self.reads, self.gives = frozenset(record.coordinates), frozenset([gives.name])
        self.source = Words(f"its coordinates in {areas.source}", f"坐标和{areas.source}")
        self._read = CellReader(gives, units)
        self._found: dict[tuple[float, float], tuple[Derived | Objection, ...]] = {}

    def derive(self, cells: Mapping[str, Cell]) -> Iterable[Derived | Objection]:
        """The zone, or why there is none."""
        given = [cells.get(n) for n in (self.longitude, self.latitude)]
        values = [None if c is None else c.value for c in given]
        stated = [v is not None and v is not ABSENT for v in values]
        if not any(stated):
            return ()
        if not all(stated):
            lacking = self.latitude if stated[0] else self.longitude
            return (Objection(lacking, "half-a-place", f"{lacking} is missing, so the place is not known"),)
        if not all(isinstance(v, Interval) and v.known for v in values):
            return ()
        x, y = (v.lo for v in values if isinstance(v, Interval))
        if (x, y) not in self._found:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            self._found[x, y] = tuple(self._at(x, y))
        return self._found[x, y]

    def _at(self, x: float, y: float) -> Iterable[Derived | Objection]:
        system, far = self.settings.system, self.settings.far
        found = self._around(x, y)
        if found is None or found.distance > far:
            turned = self._around(y, x)
            if turned is not None and turned.distance <= far:
                what = f"{format_number(x)}, {format_number(y)}: {self.longitude} and {self.latitude} are swapped"
                yield Objection(self.longitude, "swapped-coordinates", what)
            elif found is None:
                what = f"{format_number(x)}, {format_number(y)} is no place on earth"
                yield Objection(self.longitude, "far-away", what)
            else:
                away = f"{format_number(round(found.distance / 1000))} km from every area of {self.areas.source}"
                what = f"{format_number(x)}, {format_number(y)} ({system}) lies {away}"
                yield Objection(self.longitude, "far-away", what)
            return
        if found.doubtful:
            what = f"the place lies where a polygon of {self.areas.source} that cannot be used may reach"
            yield Objection(self.field.name, "invalid-area", what)
            return
        yield Derived(self.field.name, self._cell(x, y, found), checked=True)

    def _around(self, x: float, y: float) -> Found | None:
        if not (-180 <= x <= 180 and -90 <= y <= 90):
            return None
        return self.areas.around(*to_wgs84(x, y, self.settings.system), self.settings.accuracy)

    def _cell(self, x: float, y: float, found: Found) -> Cell:
        assert self.field.place is not None
        texts = sorted(found.words)
        outside = self.field.place.outside
        open_side = found.outside and not outside and not texts
        texts += [outside] if found.outside and outside and outside not in texts else []
        values = [c.value for c in map(self._read, texts) if isinstance(c, Cell)]
        where = f"{format_number(x)}, {format_number(y)}"
        words = [str(v) for v in values]
        name, source = self.field.name, self.areas.source
        if open_side or not values:
            return Cell(ABSENT)
        if len(values) == 1:
            note = Derivation(
                f"{name} is not given; {words[0]} by the coordinates, in {source}",
                f"未填{self.field.label.zh or name}，由坐标和{source}推定为{self._label(values[0])}",
            )
            return Cell(values[0], where, None, None, note)
        note = Derivation(
            f"{name} is not given; the place lies within its accuracy of a boundary in {source}",
            f"未填{self.field.label.zh or name}，坐标位于{source}边界附近，在其精度内无法确定",
        )
        several = frozenset(w for w in values if isinstance(w, str))
        value: Value = several if len(several) == len(values) else Nothing.ABSENT
        return Cell(value, where, None, None, note)

    def _label(self, value: Value) -> str:
        if isinstance(value, bool):
            return "是" if value else "否"
        enum = self.field.enum
        label = next((v.label.zh for v in enum.values if v.name == value), "") if enum else ""
        return label or str(value)


# --- settings ---------------------------------------------------------------------------------------------------------


def _settings(places: Places, types: Mapping[str, RecordType]) -> Settings:
    faults: list[Diagnostic] = []
    located = _located(types)
    areas: dict[str, _Area] = {}
    system: System = "WGS-84"
    numbers = {"accuracy": 0.0, "far": _FAR}
    for name, given in places.items():
        if name == "system":
            system = _system(given, "system", faults) or system
        elif name in numbers:
            if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given < 1e7:
                what = f"{name} is a number of metres, not {given!r}"
                faults.append(Diagnostic("places-setting", f"places.{name}", what))
            else:
                numbers[name] = float(given)
        elif name not in located:
            what = f"{name} is not a field that coordinates give"
            hint = nearest(name, [*located, *_OPTIONS])
            faults.append(Diagnostic("places-setting", f"places.{name}", what, ", ".join(sorted(located)), hint=hint))
        else:
            area = _area(name, given, faults)
            if area is not None:
                areas[name] = area
    if not areas and not faults:
        what = "no file of polygons is named"
        faults.append(Diagnostic("places-setting", "places", what, ", ".join(f"{n}: FILE" for n in sorted(located))))
    if faults:
        raise CallError(faults)
    return Settings(areas, system, numbers["accuracy"], numbers["far"])


def _located(types: Mapping[str, RecordType]) -> set[str]:
    """The fields that coordinates give."""
    return {f.name for t in types.values() if t.coordinates for f in t.fields.values() if f.place is not None}


def _area(name: str, given: Any, faults: list[Diagnostic]) -> _Area | None:
    where = f"places.{name}"
    if isinstance(given, str | Path):
        return _Area(str(given))
    if not isinstance(given, Mapping) or "file" not in given or set(given) - {"file", "system", "by"}:
        what = "a file of polygons is a path, or file with system and by"
        faults.append(Diagnostic("places-setting", where, what, found=repr(given)[:80]))
        return None
    by = given.get("by", ())
    names = (by,) if isinstance(by, str) else tuple(map(str, by)) if isinstance(by, Sequence) else ()
    stated = given.get("system")
    return _Area(str(given["file"]), None if stated is None else _system(stated, where, faults), names)


def _system(given: Any, where: str, faults: list[Diagnostic]) -> System | None:
    found = system_named(str(given))
    if found is None:
        what = f"{given!r} is no coordinate system known here"
        faults.append(Diagnostic("places-setting", where, what, ", ".join(SYSTEMS)))
    return found
