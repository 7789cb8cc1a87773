"""Kernels that branch: a checkpoint is a frozen process, a restore is a fork of it. Linux only.

A process is always one of two things: a kernel (ipykernel with its sockets and threads), or a template (one thread, no
zmq, blocked in accept()). A kernel forks a template of itself; a template forks kernels.
"""
