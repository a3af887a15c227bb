"""Screening: a case and the records that belong to it, judged as one answer, with what would settle or clear it.

Which records make a case is a pack's own data; no rule, field or word of a pack stands in this room.
"""
