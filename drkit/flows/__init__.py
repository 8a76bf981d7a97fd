"""Where promises, clouds and reports meet: one module a command, and what several commands share."""
