"""The only rooms that talk to a cloud; each implements the ports."""
