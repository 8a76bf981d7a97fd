-- What has to hold of every object of a copy; counting the checksums reads each of them.
SELECT
  count(*) - count(size) AS without_size,
  min(size) AS smallest,
  max(size) AS largest,
  count(crc64) AS with_crc64,
  count(*) FILTER (WHERE key IS NULL OR key = '') AS without_key
FROM ${objects}
