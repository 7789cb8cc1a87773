"""What kernels and verifiers share in Python: the guard of a process tree, and how a value leaves a process.

Every module here is usable alone; importing the package imports nothing else.
"""
