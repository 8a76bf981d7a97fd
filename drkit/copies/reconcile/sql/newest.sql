-- The current version of each key, where no column says which it is: the youngest. Two as young as each other stay
-- two, and are refused as duplicates.
SELECT key, version_id, size, crc64, etag, told, storage_class, last_modified
FROM (SELECT *, rank() OVER (PARTITION BY key ORDER BY last_modified DESC NULLS FIRST) AS place FROM ${objects}) AS placed
WHERE place = 1
