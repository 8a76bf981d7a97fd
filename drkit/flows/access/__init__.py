"""The commands of ``drkit access``."""
