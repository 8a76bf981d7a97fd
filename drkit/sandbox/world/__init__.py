"""What is in the sandbox's cloud: accounts, credentials, hosts, disks, snapshots, and the time."""
