"""Owns: running a program as on a system that has no Landlock: its three system calls are refused as unknown ones.

    python without_landlock.py <program> [arguments]
"""

import ctypes
import errno
import os
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, FILTER = 38, 22, 2
LOAD, IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.ENOSYS
LANDLOCK = (444, 445, 446)  # the same on every processor


def instruction(code: int, value: int, when: int = 0) -> bytes:
    return struct.pack("HBBI", code, when, 0, value)


program = instruction(LOAD, 0)
for place, number in enumerate(LANDLOCK):
    program += instruction(IF_EQUAL, number, len(LANDLOCK) - place)
program += instruction(RETURN, ALLOW) + instruction(RETURN, REFUSE)
code = ctypes.create_string_buffer(program)


class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]


libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
if libc.prctl(PR_SET_SECCOMP, FILTER, ctypes.byref(Filter(len(program) // 8, ctypes.addressof(code)))) != 0:
    sys.exit(os.strerror(ctypes.get_errno()))
os.execvp(sys.argv[1], sys.argv[1:])
