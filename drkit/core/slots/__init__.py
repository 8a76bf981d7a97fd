"""The arithmetic of slots: days and times on the clock of the wall, moments, and what is due; all of it pure."""
