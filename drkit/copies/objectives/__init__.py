"""What an estate promises of its datasets, held against what their copies are."""
