-- The objects of another class than promised; of those that tell none, nobody knows.
SELECT key, version_id, size FROM ${objects} WHERE upper(storage_class) <> upper(${expected})
