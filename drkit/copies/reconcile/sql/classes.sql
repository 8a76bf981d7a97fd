SELECT storage_class, count(*) AS objects FROM ${objects} GROUP BY storage_class
