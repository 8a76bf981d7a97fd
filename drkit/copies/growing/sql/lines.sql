-- A manifest's rows as what is hashed: one JSON array of texts and nulls a row, in the manifest's order.
SELECT
  what, key, version_id, coalesce(size, 0), lost IS NULL,
  to_json([
    what, key, version_id, size::VARCHAR, crc64::VARCHAR, etag, epoch_us(last_modified)::VARCHAR, lost, lost_in::VARCHAR
  ])::VARCHAR
FROM ${manifest}
