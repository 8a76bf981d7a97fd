-- What came of everything, apart by whether it may go, and by whether an earlier step named it when it was lost.
SELECT what, fate, may_go, above, count(*) AS rows, min(key) AS first
FROM (
  SELECT *, (fate, key, coalesce(lost_in, ${number})) IN (SELECT a.fate, a.key, a.number FROM above AS a) AS above
  FROM fates
)
GROUP BY ALL
ORDER BY above, first
