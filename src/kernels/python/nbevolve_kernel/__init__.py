"""The Python that runs beside nbevolve's kernels. Ships with the npm package and is put on PYTHONPATH.

Every module here is usable alone; importing the package imports nothing else.
"""
