"""Remediation tasks over time: an appended log of events in one SQLite file, and what a pack's rules say of any day.

Knows no level and no number of days: those are the pack's. Knows no output format.
"""
