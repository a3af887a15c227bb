"""Whole packs and records drawn at random, and the law that every engine gives the interpreter's outcomes on them."""
