-- Everything at once: one row for all objects that are the same everywhere, and one for each that is not. `code` has
-- three bits a copy: what came of the object there. Objects that stand in one row with others were there twice.
SELECT code, ${id}, count(*) AS objects, ${sizes}
FROM (
  SELECT code, ${marked}, ${each}
  FROM (SELECT ${id}, ${code} AS code, ${each_of} FROM ${chain}) AS joined
) AS marked
GROUP BY code, ${id}
