"""What the actions of Tencent Cloud take and answer, generated from the official command line's package."""

# The flags of a member in the generated files, added up.
REQUIRED, OUTPUT_REQUIRED, NULLABLE, DISABLED = 1, 2, 4, 8
