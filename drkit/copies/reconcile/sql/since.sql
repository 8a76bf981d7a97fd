-- What came of an object since the previous manifest `r` of the same copy: the first that applies; 6 where neither
-- has it. The cloud's own ETag may be compared as it stands, multipart or not: it stays unless the object is written
-- again.
CASE
  WHEN r.size IS NULL AND ${c}.size IS NULL THEN 6
  WHEN ${c}.size IS NULL THEN 1
  WHEN r.size IS NULL THEN 2
  WHEN r.size <> ${c}.size OR r.crc64 <> ${c}.crc64 OR r.told <> ${c}.told OR r.last_modified <> ${c}.last_modified
    THEN 3
  WHEN r.crc64 = ${c}.crc64 OR r.told = ${c}.told OR r.last_modified = ${c}.last_modified THEN 0
  ELSE 5
END
