"""The verbs of cold copies, one file a verb."""
