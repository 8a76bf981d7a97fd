"""drkit: no one person can destroy your data, and every month you prove that you can get it back."""

__version__ = "0.1.0"
