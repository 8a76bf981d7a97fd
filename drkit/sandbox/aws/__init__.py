"""AWS beside the sandbox: ministack as a child process; why that one: docs/decisions/0005-aws.md."""
