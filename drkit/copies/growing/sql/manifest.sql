-- What the next manifest owes: all that is there, and, as it was, what was lost and may not go.
SELECT
  what, key, version_id,
  CASE WHEN kept THEN owed_size ELSE size END AS size,
  CASE WHEN kept THEN owed_crc64 ELSE crc64 END AS crc64,
  CASE WHEN kept THEN owed_etag ELSE etag END AS etag,
  CASE WHEN kept THEN owed_last_modified ELSE last_modified END AS last_modified,
  CASE WHEN kept THEN fate END AS lost,
  CASE WHEN kept THEN coalesce(lost_in, ${number})::INTEGER END AS lost_in
FROM (
  SELECT *, fate IN ('vanished', 'overwritten', 'version-deleted') AND NOT may_go AS kept FROM fates
)
WHERE kept OR size IS NOT NULL
ORDER BY what, key, version_id
