SELECT fate AS what, key, version_id, owed_size, size, owed_last_modified, may_go FROM fates
WHERE fate IN ('vanished', 'overwritten', 'version-deleted')
ORDER BY fate, key, version_id
