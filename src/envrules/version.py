"""The version of the package, in a place of its own so that reports can name it without importing the public face."""

from __future__ import annotations

__version__ = "0.1.0"
