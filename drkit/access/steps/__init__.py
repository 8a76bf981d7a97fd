"""The verbs of playbooks that look at who may do what."""
