"""What `drkit doctor` looks at, one module a subject; each check answers PASS, FAIL or UNKNOWN with its reason."""
