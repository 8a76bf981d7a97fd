-- One copy as every other text reads it: an object a row, sizes in bytes, checksums that mean the same everywhere.
-- A multipart ETag (…-N) is no content hash, and neither is one of an object encrypted with a key of KMS or of the
-- customer (AWS: API_Object, ETag): `etag` is then NULL. `told` is what the cloud wrote, good for its own yesterday.
SELECT
  ${key} AS key,
  ${version_id} AS version_id,
  CAST(${size} AS BIGINT) AS size,
  ${crc64} AS crc64,
  CASE WHEN length(${etag}) = 32 AND NOT contains(${etag}, '-') AND NOT ${encrypted} THEN ${etag} END AS etag,
  ${etag} AS told,
  CAST(${storage_class} AS STRING) AS storage_class,
  ${last_modified} AS last_modified
FROM ${files}
WHERE ${wanted}
