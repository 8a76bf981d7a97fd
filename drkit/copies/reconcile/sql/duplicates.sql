SELECT ${id}, count(*) AS times FROM ${objects} GROUP BY ${id} HAVING count(*) > 1 ORDER BY ${id} LIMIT 1
