SELECT what, fate, may_go, count(*) AS rows, coalesce(sum(size), 0)::BIGINT AS bytes, min(key) AS first FROM fates
GROUP BY ALL
