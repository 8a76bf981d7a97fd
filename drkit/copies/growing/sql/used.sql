-- The approvals without which something would be lost.
SELECT DISTINCT a.id FROM allowed AS a, fates AS f
WHERE f.fate IN ('vanished', 'overwritten', 'version-deleted') AND f.may_go
  AND (f.key = a.whole OR (a.beginning IS NOT NULL AND starts_with(f.key, a.beginning)))
