"""Scratch that was left behind: what is seen of it, what is recorded of it, and the rule by which it may go.

- `rule` is one pure function. The runner asks it, and whoever holds the power to destroy asks it again.
- `scope`, `records` and `seeing` bring together what it judges: the estate, the evidence and the cloud.
"""
