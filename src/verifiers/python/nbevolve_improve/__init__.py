"""Looks for a better submission by asking the task's own verifier, in a process and a box like a judgement's."""
