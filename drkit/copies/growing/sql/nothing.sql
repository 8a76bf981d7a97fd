-- What the first manifest is held against.
SELECT
  NULL::VARCHAR AS what, NULL::VARCHAR AS key, NULL::VARCHAR AS version_id, NULL::BIGINT AS size,
  NULL::UBIGINT AS crc64, NULL::VARCHAR AS etag, NULL::TIMESTAMPTZ AS last_modified, NULL::VARCHAR AS lost,
  NULL::INTEGER AS lost_in
WHERE false
