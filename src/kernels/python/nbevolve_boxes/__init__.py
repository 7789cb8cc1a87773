"""Boxes for kernels: who starts them, what runs as the first process of each, and how the server asks for them. Linux only.

The keeper and the stem need nothing but Python's own library; importing the package imports nothing else.
"""
