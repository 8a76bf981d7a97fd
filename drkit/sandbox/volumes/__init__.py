"""Disks with real content: files that hosts find in a directory while a disk hangs on them."""
