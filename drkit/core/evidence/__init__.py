"""The evidence: an append-only, tamper-evident log (docs/evidence.md is its format).

- `log.EvidenceLog` writes it, `reading.read` reads it, `keys` makes and loads the key that signs it.
- `verify.verify` holds it against its checkpoints, with nothing but the files and a verifier key.
"""
