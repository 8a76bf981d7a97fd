"""What is about to run, held against what people approved; by the runner and, once more, by the broker."""
