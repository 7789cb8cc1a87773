"""The Python of nbevolve's server and kernels. It ships with the npm package and is put on PYTHONPATH.

Every module here is usable alone; importing the package imports nothing else.
"""
