"""The functions of the rule language, found by folder: every module beside this one declares one as `FUNCTION`."""

from __future__ import annotations

import pkgutil
from functools import lru_cache
from importlib import import_module

from envrules.lang.functions.base import Function, SignatureError

__all__ = ["Function", "SignatureError", "functions"]


@lru_cache(maxsize=1)
def functions() -> dict[str, Function]:
    """Every declared function by name.

    Examples:
        >>> sorted(functions())[:3]
        ['abs', 'all', 'any']
    """
    found = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name not in ("base", "signatures"):
            function: Function = import_module(f"{__name__}.{module.name}").FUNCTION
            found[function.name] = function
    return found
