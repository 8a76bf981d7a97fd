"""The promise: cold copies in several regions and clouds are present, identical, cold, and only ever grow."""
