-- What came of everything that the last manifest `o` owes and of everything that is there now `n`. A row is where its
-- size is, which is never NULL. What was lost once stays owed until it is there again, or may go.
SELECT
  what, key, version_id, o.size AS owed_size, n.size AS size, o.crc64 AS owed_crc64, n.crc64 AS crc64,
  o.etag AS owed_etag, n.etag AS etag, o.last_modified AS owed_last_modified, n.last_modified AS last_modified,
  o.lost_in AS lost_in,
  CASE
    WHEN o.size IS NULL THEN 'appeared'
    WHEN n.size IS NULL THEN CASE what WHEN 'object' THEN 'vanished' ELSE 'version-deleted' END
    WHEN o.size <> n.size OR o.crc64 <> n.crc64 OR o.etag <> n.etag THEN 'overwritten'
    WHEN o.crc64 = n.crc64 OR o.etag = n.etag THEN 'same'
    WHEN o.last_modified <> n.last_modified THEN 'overwritten'
    WHEN o.last_modified = n.last_modified THEN 'same'
    ELSE 'not-comparable'
  END AS fate,
  ${allowed} AS may_go
FROM ${owed} AS o FULL JOIN ${seen} AS n USING (what, key, version_id)
