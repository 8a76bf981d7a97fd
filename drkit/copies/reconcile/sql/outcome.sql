-- What came of an object in one copy `${c}`, held against the reference `r`: equal, or the first that applies of
-- missing, extra, size, checksum. 6 where neither has it. An object is where its size is, which is never NULL.
CASE
  WHEN r.size = ${c}.size THEN CASE
    WHEN r.crc64 = ${c}.crc64 THEN 0
    WHEN r.crc64 <> ${c}.crc64 THEN 4
    WHEN r.etag = ${c}.etag THEN 0
    WHEN r.etag <> ${c}.etag THEN 4
    ELSE 5
  END
  WHEN r.size <> ${c}.size THEN 3
  WHEN r.size IS NOT NULL THEN 1
  WHEN ${c}.size IS NOT NULL THEN 2
  ELSE 6
END
