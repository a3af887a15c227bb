"""Questions about packs: do the cases hold, is anything left out, what changed."""
