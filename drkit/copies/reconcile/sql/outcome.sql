-- What came of an object in one copy `${c}`, held against the reference `r`: the first that applies. NULL where
-- neither has it. An object is where its size is, which is never NULL.
CASE
  WHEN ${c}.size IS NULL THEN CASE WHEN r.size IS NOT NULL THEN 1 END
  WHEN r.size IS NULL THEN 2
  WHEN r.size <> ${c}.size THEN 3
  WHEN r.crc64 = ${c}.crc64 THEN 0
  WHEN r.crc64 <> ${c}.crc64 THEN 4
  WHEN r.etag = ${c}.etag THEN 0
  WHEN r.etag <> ${c}.etag THEN 4
  ELSE 5
END
