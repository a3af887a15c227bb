"""Longitude and latitude in the systems of Chinese maps, to WGS-84.

CGCS2000 differs from WGS-84 by centimetres and counts as equal. GCJ-02 shifts every place of the mainland by up to some
hundred metres, BD-09 shifts GCJ-02 once more. Knows no record and no polygon.
"""

from __future__ import annotations

import math
import re
from typing import Literal, get_args

from envrules.records.numbers import plain_text

System = Literal["WGS-84", "CGCS2000", "GCJ-02", "BD-09"]
SYSTEMS: tuple[System, ...] = get_args(System)

# The ellipsoid of Krasovsky, on which GCJ-02 is defined.
_AXIS, _ECCENTRICITY = 6378245.0, 0.00669342162296594323
_BAIDU = math.pi * 3000.0 / 180.0
_CLOSE = 1e-9  # degrees, a tenth of a millimetre

_ANGLE = re.compile(
    r"(?:[NSEW]|[东西]经|[南北]纬)?\s*(?P<degrees>[0-9]{1,3}(?:\.[0-9]+)?)\s*(?:°|度)\s*"
    r"(?:(?P<minutes>[0-9]{1,2}(?:\.[0-9]+)?)\s*['′’分]\s*)?"
    r"(?:(?P<seconds>[0-9]{1,2}(?:\.[0-9]+)?)\s*(?:[\"″”秒]|''|′′)\s*)?(?:[NE]|[东西]经|[南北]纬)?",
    re.IGNORECASE,
)


def system_named(text: str) -> System | None:
    """The system that a name means, whatever its case and dashes.

    Examples:
        >>> system_named("gcj02"), system_named("WGS 84"), system_named("Mars")
        ('GCJ-02', 'WGS-84', None)
    """
    folded = re.sub(r"[\s_-]", "", text).upper()
    return next((s for s in SYSTEMS if s.replace("-", "").upper() == folded), None)


def parse_angle(text: str) -> float | None:
    """Degrees of a text in degrees, minutes and seconds; None where it is none.

    Examples:
        >>> parse_angle("98°30′36″"), parse_angle("东经98度30.6分"), parse_angle("98.51"), parse_angle("98°75′")
        (98.51, 98.51, None, None)
    """
    match = _ANGLE.fullmatch(plain_text(text))
    if match is None:
        return None
    minutes, seconds = float(match["minutes"] or 0), float(match["seconds"] or 0)
    if minutes >= 60 or seconds >= 60:
        return None
    return round(float(match["degrees"]) + minutes / 60 + seconds / 3600, 12)


def to_wgs84(longitude: float, latitude: float, system: System) -> tuple[float, float]:
    """(longitude, latitude) in WGS-84, in degrees.

    Source: GCJ-02 and BD-09 are not published; the formulas are those in common use (eviltransform, coordtransform),
    which agree with the maps to less than a metre. They are inverted by iteration.

    Examples:
        >>> [round(x, 6) for x in to_wgs84(116.384047, 39.913345, "GCJ-02")]
        [116.377817, 39.911954]
        >>> to_wgs84(98.5, 39.7, "CGCS2000")
        (98.5, 39.7)
    """
    if system in ("WGS-84", "CGCS2000"):
        return longitude, latitude
    if system == "BD-09":
        longitude, latitude = _from_baidu(longitude, latitude)
    return _from_gcj(longitude, latitude)


def to_gcj02(longitude: float, latitude: float) -> tuple[float, float]:
    """(longitude, latitude) in GCJ-02 of a place in WGS-84; unchanged outside China.

    Examples:
        >>> [round(x, 6) for x in to_gcj02(121.5272106, 31.1774276)]
        [121.531542, 31.175304]
    """
    if not (72.004 <= longitude <= 137.8347 and 0.8293 <= latitude <= 55.8271):
        return longitude, latitude
    x, y = longitude - 105.0, latitude - 35.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    waves = (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0
    north += waves + _sines(y, (20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0))
    east += waves + _sines(x, (20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0))
    radians = math.radians(latitude)
    magic = 1 - _ECCENTRICITY * math.sin(radians) ** 2
    north = math.degrees(north / ((_AXIS * (1 - _ECCENTRICITY)) / (magic * math.sqrt(magic))))
    east = math.degrees(east / (_AXIS / math.sqrt(magic) * math.cos(radians)))
    return longitude + east, latitude + north


def _sines(x: float, *waves: tuple[float, float]) -> float:
    return sum(size * math.sin(x * math.pi / length) for size, length in waves) * 2.0 / 3.0


def _from_gcj(longitude: float, latitude: float) -> tuple[float, float]:
    x, y = longitude, latitude
    for _ in range(30):
        east, north = to_gcj02(x, y)
        x, y = x - (east - longitude), y - (north - latitude)
        if abs(east - longitude) < _CLOSE and abs(north - latitude) < _CLOSE:
            break
    return x, y


def _from_baidu(longitude: float, latitude: float) -> tuple[float, float]:
    """BD-09 to GCJ-02.

    Examples:
        >>> [round(x, 8) for x in _from_baidu(116.404, 39.915)]
        [116.39762729, 39.90865674]
    """
    x, y = longitude - 0.0065, latitude - 0.006
    radius = math.hypot(x, y) - 0.00002 * math.sin(y * _BAIDU)
    angle = math.atan2(y, x) - 0.000003 * math.cos(x * _BAIDU)
    return radius * math.cos(angle), radius * math.sin(angle)
