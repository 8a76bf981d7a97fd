-- Everything at once: one row for all objects that are the same everywhere, and one for each that is not. `code` has
-- three bits a copy: what came of the object there; `young` has one, where it was written while the copies were looked
-- at, so that nothing is known. Objects that stand in one row with others were there twice.
SELECT code, young, ${id}, count(*) AS objects, ${sizes}
FROM (
  SELECT code, CASE WHEN code <> 0 THEN young ELSE 0 END AS young, ${marked}, ${each}
  FROM (SELECT ${id}, ${code} AS code, ${young} AS young, ${each_of} FROM ${chain}) AS joined
) AS marked
GROUP BY code, young, ${id}
