-- What compared.sql found, by what came of the objects.
SELECT
  code,
  young,
  sum(objects) AS objects,
  max(objects) AS together,
  count(*) FILTER (WHERE key = '' OR (key IS NULL AND code <> 0)) AS without_key,
  min(key) AS example,
  ${sizes}
FROM ${compared}
GROUP BY code, young
