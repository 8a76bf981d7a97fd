"""Every cloud host has a fresh snapshot."""
