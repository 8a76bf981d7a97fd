"""Faults to order: what somebody wants the cloud to do wrong, by the control door or out of a YAML file."""
