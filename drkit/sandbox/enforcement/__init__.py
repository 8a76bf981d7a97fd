"""What a caller may do: policy documents parsed, and calls held against them. Pure: no world, no clock.

One rule settles what the documentation leaves open: an allow is read widely and a deny narrowly, so the
sandbox never protects what the real cloud might not. docs/cam-assumptions.md lists each case.
"""
