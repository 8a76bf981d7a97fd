-- A version from before the bucket kept them is called `null`, and is replaced when it is written again.
SELECT 'object' AS what, key, '' AS version_id, size, crc64, told AS etag, last_modified FROM ${objects}
UNION ALL
SELECT 'version', key, version_id, size, crc64, told, last_modified FROM ${versions} WHERE version_id NOT IN ('', 'null')
