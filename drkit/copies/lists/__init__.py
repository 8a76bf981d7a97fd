"""Lists of buckets, made where there is no inventory: in parallel, resumable, as Parquet."""
