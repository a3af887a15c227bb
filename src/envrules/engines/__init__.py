"""Engines: each gives the verdicts of a pack's rules on records. The reference interpreter is the meaning of all."""
