"""What takes nothing away goes without an approval: the one pure rule by which the broker judges it."""
