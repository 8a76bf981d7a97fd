-- The current version of each key, where no column says which it is: the youngest. Two as young as each other stay
-- two, and are refused as duplicates.
SELECT * FROM ${objects} QUALIFY rank() OVER (PARTITION BY key ORDER BY last_modified DESC NULLS FIRST) = 1
