"""Checks of tables larger than memory: read in batches, judged in parts, findings set aside as they are found."""
