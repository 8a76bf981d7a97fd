-- What came of everything, apart by whether it may go, and by whether an earlier step named it.
SELECT what, fate, may_go, above, count(*) AS rows, min(key) AS first
FROM (SELECT *, (fate, key) IN (SELECT a.fate, a.key FROM above AS a) AS above FROM fates)
GROUP BY ALL
ORDER BY above, first
