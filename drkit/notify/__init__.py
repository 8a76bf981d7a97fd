"""Tell people: what changed, and that drkit is alive."""
