"""The words of the house: what every room may use, and what uses no room."""
