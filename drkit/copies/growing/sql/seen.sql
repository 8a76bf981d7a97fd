-- A copy as it is now: an object a row, and, where it has versions, each version beside them.
SELECT 'object' AS what, key, '' AS version_id, size, crc64, told AS etag, last_modified FROM ${objects}
