-- What has to hold of a copy before it is compared.
SELECT
  count(*) AS rows,
  count(*) - count(size) AS without_size,
  min(size) AS smallest,
  max(size) AS largest,
  count(crc64) AS with_crc64,
  epoch_us(max(last_modified)) AS newest
FROM ${objects}
