"""The durable form of a kernel's state: its variables as files that another kernel takes them from.

Everything here runs inside kernels; the controller moves files and never reads a pickle.
"""
