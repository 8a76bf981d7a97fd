"""The verbs of playbooks that concern snapshots, one file each."""
