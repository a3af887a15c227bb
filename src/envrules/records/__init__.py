"""Records: what a pack declares them to be, and how tables, files, frames and objects are read. Knows no rule."""
