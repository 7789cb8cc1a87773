"""The judge: runs a task's verifier on one submission, in a process of its own that ends with the verdict."""
