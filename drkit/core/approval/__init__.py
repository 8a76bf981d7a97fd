"""Second persons' approvals: signatures over one document that names exactly what may run.

- `requesting.request` builds what is signed, `document.read` reads it back; `intended.Intended` is what is
  about to run, and `standing.Limits` bound what an approval for many runs allows.
- `sshsig` verifies OpenSSH signatures, `signers` the files by which ``ssh-keygen -Y verify`` does the same.
- `people` is a version of the roster, `roster.open_roster` the chain of them from the pinned first one.
- `decide.decide` answers whether it may run, with every reason why not; `store` keeps requests as files.

Nothing here asks a clock, a network or an environment: all that a decision needs is an argument of it.
docs/approvals.md is the format, and how an auditor verifies without drkit.
"""
