(
  key IN (SELECT a.whole FROM allowed AS a WHERE a.whole IS NOT NULL)
  OR EXISTS (SELECT 1 FROM allowed AS a WHERE a.beginning IS NOT NULL AND starts_with(key, a.beginning))
)
