"""The emulated actions: one module a service, one function an action."""
