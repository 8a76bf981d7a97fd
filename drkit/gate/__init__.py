"""What a command, a statement or a call would do: read as data, judged by rules, never run."""
