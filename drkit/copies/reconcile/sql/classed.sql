-- One object of a class, for a person to look at.
SELECT key FROM ${objects} WHERE storage_class = ${seen} LIMIT 1
