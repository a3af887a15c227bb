"""The twelve limits as one condition each that a lot breaks, for engines that read expressions.

Written with `and`, `or`, `==`, `in`, which zen-engine and rule-engine share; days are ordinals.
"""

from __future__ import annotations

from datetime import date


def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


_NOW = f"day >= {_day('2018-04-01')} and day <= {_day('2020-12-31')}"
_EITHER = "activity in ['sale', 'use']"

#: rule -> the condition without its measurement, the fields measured, and the comparison that is broken.
BROKEN: dict[str, tuple[str, tuple[str, ...], str]] = {
    "coal.sulfur.built-up": (f"zone == 'built_up' and {_EITHER} and {_NOW}", ("total_sulfur",), "total_sulfur > 0.8"),
    "coal.sulfur.elsewhere": (f"zone == 'other' and {_EITHER} and {_NOW}", ("total_sulfur",), "total_sulfur > 1.5"),
    "coal.ash.built-up": (f"zone == 'built_up' and {_EITHER} and {_NOW}", ("ash",), "ash > 15"),
    "coal.ash.elsewhere": (
        f"zone == 'other' and activity == 'use' and {_NOW} and day >= {_day('2019-06-30')}",
        ("ash",),
        "ash > 30",
    ),
    "coal.moisture": (f"activity == 'sale' and {_NOW}", ("moisture_ar",), "moisture_ar > 16"),
    "coal.volatile": (
        f"zone == 'built_up' and activity == 'use' and {_NOW}",
        ("volatile_daf",),
        "volatile_daf > 37",
    ),
    "coal.calorific-value": (f"{_EITHER} and {_NOW}", ("calorific_kcal",), "calorific_kcal < 4300"),
    "coal.mercury": (f"{_EITHER} and {_NOW}", ("mercury",), "mercury > 0.6"),
    "coal.chlorine": (
        f"zone == 'built_up' and {_NOW} and day >= {_day('2019-01-01')}",
        ("chlorine",),
        "chlorine > 0.15",
    ),
    "coal.arsenic": (f"{_NOW} and day <= {_day('2020-06-30')}", ("arsenic",), "arsenic > 40"),
    "coal.phosphorus": (_NOW, ("phosphorus",), "phosphorus > 0.1"),
    "coal.fluorine": (
        f"activity == 'use' and {_NOW}",
        ("fluorine_dry",),
        "fluorine_dry > 200",
    ),
}
