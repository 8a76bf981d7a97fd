"""Amazon Web Services: the only place that talks to it (docs/decisions/0007-aws-snapshots.md)."""
