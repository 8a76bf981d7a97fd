-- What is known of a copy before it is compared, at no price where Parquet tells it at the end of its files.
SELECT count(*) AS rows, count(${crc64}) AS with_crc64, epoch_us(max(${last_modified})) AS newest
FROM ${files}
WHERE ${wanted}
