"""Packs: YAML documents with positions, their models, and what they become when everything in them is checked."""
