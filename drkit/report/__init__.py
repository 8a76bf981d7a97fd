"""Evidence in, documents out: the same evidence gives the same bytes a year later."""
