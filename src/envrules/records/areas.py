"""Polygons of a file: built-up areas, protection zones, reserve zones, and which of them a place lies in.

The one module that knows shapely and geopandas; they are imported when polygons are read. Distances are metres on an
azimuthal equidistant map around the middle of the polygons.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envrules.diagnostics import CallError, Diagnostic, InputError, Problems
from envrules.records.coordinates import System, to_wgs84
from envrules.records.words import listed, shown

_OLDEST = 4326  # WGS-84
_CIRCLE = 32  # segments of a quarter of the disc of a place's accuracy
_SHOWN = 10


@dataclass(frozen=True)
class Found:
    """What lies within the accuracy of a place.

    Args:
        words: those of the areas that the disc touches.
        outside: whether some of it lies in none of them.
        doubtful: whether it touches where a polygon that is not valid may reach.
        distance: from the nearest area, in metres.
    """

    words: frozenset[str]
    outside: bool
    doubtful: bool
    distance: float


class Areas:
    """Polygons with the word of each, in a map of metres."""

    def __init__(self, source: str, shapes: list[Any], words: list[str], doubtful: list[Any], metres: Any) -> None:
        import shapely

        self.source, self._words, self._metres = source, words, metres
        self._shapes, self._tree = shapes, shapely.STRtree(shapes)
        self._doubtful = shapely.STRtree(doubtful)

    def around(self, longitude: float, latitude: float, accuracy: float) -> Found:
        """What lies within so many metres of a place in WGS-84."""
        import shapely

        x, y = self._metres.transform(longitude, latitude)
        if not (math.isfinite(x) and math.isfinite(y)):
            return Found(frozenset(), True, False, math.inf)
        point = shapely.Point(x, y)
        disc = point.buffer(accuracy, quad_segs=_CIRCLE) if accuracy > 0 else point
        touched = [int(i) for i in self._tree.query(disc, predicate="intersects")]
        inside = bool(touched) and bool(shapely.union_all([self._shapes[i] for i in touched]).contains_properly(disc))
        near = self._tree.query_nearest(point, return_distance=True)[1] if len(self._shapes) else [math.inf]
        return Found(
            frozenset(self._words[i] for i in touched),
            not inside,
            len(self._doubtful.query(disc, predicate="intersects")) > 0,
            float(near[0]) if len(near) else math.inf,
        )


def read_areas(
    path: str, system: System | None, word_of: Callable[[dict[str, Any]], str | None], problems: Problems
) -> Areas:
    """The areas of a GeoJSON, GeoPackage or shapefile; `FILE#layer` names one layer of several.

    Args:
        system: of the file's coordinates, where it does not say so itself.
        word_of: the word that a polygon's attributes stand for; None where they say none, which it reports itself.
        problems: gets a warning for each polygon that is not valid; what it might cover stays unknown.

    Raises:
        InputError: `file-not-found`, `area-file`.
        CallError: `extra-missing` where geopandas is not installed.
    """
    try:
        import geopandas  # noqa: F401
        import pyproj
        import shapely
    except ImportError:
        what, hint = "reading polygons needs shapely and geopandas", "pip install 'envrules[geo]'"
        raise CallError([Diagnostic("extra-missing", path, what, hint=hint)]) from None
    frame = _in_wgs84(_read(path), path, system)
    frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    if not len(frame):
        raise InputError([Diagnostic("area-file", path, "the file has no polygon")])
    bounds = frame.total_bounds
    middle = ((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
    here = pyproj.CRS.from_proj4(f"+proj=aeqd +lon_0={middle[0]:.6f} +lat_0={middle[1]:.6f} +datum=WGS84 +units=m")
    metres = pyproj.Transformer.from_crs(_OLDEST, here, always_xy=True)
    shapes: list[Any] = []
    words: list[str] = []
    doubtful: list[Any] = []
    attributes = frame.drop(columns=[frame.geometry.name]).to_dict("records")
    for number, (shape, own) in enumerate(zip(frame.geometry, attributes, strict=True), 1):
        own_place = f"{path}:{number}"
        if shape.geom_type not in ("Polygon", "MultiPolygon"):
            what = f"a {shape.geom_type} is no area"
            problems.error("area-file", own_place, what, expected="polygons")
            continue
        projected = shapely.transform(shape, lambda c: _projected(c, metres))
        if not shape.is_valid:
            what = f"the polygon is not valid: {shapely.is_valid_reason(shape)}; what it may cover stays unknown"
            problems.warning("invalid-area", own_place, what, hint="mend it in a GIS and save it again")
            doubtful.append(shapely.box(*projected.bounds))
            continue
        word = word_of({str(k): v for k, v in own.items()})
        if word is None:
            doubtful.append(projected)
        else:
            shapes.append(projected)
            words.append(word)
    return Areas(path, shapes, words, doubtful, metres)


def _projected(coordinates: Any, metres: Any) -> Any:
    import numpy

    return numpy.column_stack(metres.transform(coordinates[:, 0], coordinates[:, 1]))


def _read(path: str) -> Any:
    import geopandas
    import pyogrio

    name, _, layer = path.partition("#")
    if not Path(name).exists():
        raise InputError([Diagnostic("file-not-found", path, "there is no such file of polygons")])
    try:
        layers = [str(row[0]) for row in pyogrio.list_layers(name)]
        if (layer and layer not in layers) or (not layer and len(layers) != 1):
            what = f"the file has the layers {listed(layers)}" if layers else "the file has no layer"
            raise InputError([Diagnostic("area-file", path, what, hint=f"name one: {name}#{(layers or ['layer'])[0]}")])
        return geopandas.read_file(name, layer=layer or layers[0])
    except (RuntimeError, ValueError, OSError) as error:
        what = f"the file cannot be read as polygons: {shown(str(error), 120)}"
        raise InputError([Diagnostic("area-file", path, what, "GeoJSON, GeoPackage or a shapefile")]) from None


def _in_wgs84(frame: Any, path: str, system: System | None) -> Any:
    """The polygons in degrees of WGS-84."""
    if getattr(frame, "crs", None) is None and system is None:
        what = "the file does not say in which coordinates it is"
        hint = "say it: {file: ..., system: WGS-84}"
        raise InputError([Diagnostic("area-file", path, what, "WGS-84, CGCS2000, GCJ-02 or BD-09", hint=hint)])
    if system is None or system in ("WGS-84", "CGCS2000"):
        return frame.to_crs(_OLDEST) if frame.crs is not None else frame.set_crs(_OLDEST)
    import numpy
    import shapely

    def shifted(coordinates: Any) -> Any:
        return numpy.array([to_wgs84(x, y, system) for x, y in coordinates[:, :2]]).reshape(-1, 2)

    frame = frame.to_crs(_OLDEST) if frame.crs is not None else frame.set_crs(_OLDEST)
    moved = [None if g is None else shapely.transform(shapely.force_2d(g), shifted) for g in frame.geometry]
    return frame.set_geometry(moved, crs=_OLDEST)


def attribute(own: dict[str, Any], names: tuple[str, ...]) -> tuple[str, Any] | None:
    """The first of these attributes that a polygon has, with its value."""
    folded = {k.casefold(): k for k in own}
    return next(((folded[n.casefold()], own[folded[n.casefold()]]) for n in names if n.casefold() in folded), None)


def described(own: dict[str, Any]) -> Iterator[str]:
    """A polygon's attributes in words, for messages."""
    yield from (f"{k} {shown(str(v))}" for k, v in list(own.items())[:_SHOWN])
