// Owns: the cells that the conformance suite of kernel pools asks for, in Python.
import type { KernelPrograms } from "../../src/testing/conformance/kernel-pool.ts";

export const pythonPrograms: KernelPrograms = {
  set: "x = 1",
  add: "x = x + 2",
  print: "print(x)",
  x: "x",
  missing: "NameError",
  raise: "if x == 1: raise ValueError('no')",
  raises: "ValueError",
  hang: "import time\ntime.sleep(60)",
  stubborn: "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
  die: "import os\nos._exit(1)",
};
