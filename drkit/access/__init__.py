"""Nobody can destroy everything: policies of CAM and IAM read, evaluated and audited.

This room shares no code with `drkit.sandbox.enforcement`, which enforces CAM inside the sandbox: the two are
written apart so that a fuzz can hold one against the other.
"""
