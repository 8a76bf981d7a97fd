"""The YAML files that people write, read into models, with every error at once and its place.

Four stages, each usable alone: bytes → text (`text`), text → nodes with marks (`composing`), nodes →
model (`reading`), and after that whatever a caller checks itself and reports at a `Document`'s positions.
Nothing here runs a constructor of PyYAML, so no tag, anchor or merge key can do anything.
"""
