"""Copies held against each other, object by object, in one pass over files of any size."""
