"""The commands of ``drkit copies``."""
