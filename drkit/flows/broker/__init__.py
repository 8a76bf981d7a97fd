"""The broker: a process under another user, which alone holds the power to destroy, and verifies for itself.

- `messages` is what client and broker say to each other: JSON lines over a Unix socket.
- `client` is the runner's side. `server` listens, `peers` knows who is there, `visits` serves many of them, and
  `desk` is one client's conversation.
- `licences` decides, `ledger` remembers; `scratch` removes by the three-fold rule, and `growing` lengthens lives
  by the rule of growth; `guarding` refuses files that others could change.
"""
