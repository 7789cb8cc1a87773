"""Owns: kernel specs that are not files: `nbevolve-forkable`, a fresh kernel that can be forked; `fork-<name>`, a fork of
the template of that name; `zygote-<name>`, a fresh kernel forked from one that has only loaded modules. Never knows
which templates exist.
"""

import os
import re
import sys
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

FORKABLE = "nbevolve-forkable"
FORK = re.compile(r"(?:fork|zygote)-[0-9a-f]{8,16}")


def socket_of(name: str) -> str:
    """Where the template of that name listens. Short: a unix socket's path is."""
    return os.path.join(os.environ["JUPYTER_RUNTIME_DIR"], name)


class ForkSpecs(KernelSpecManager):
    def get_kernel_spec(self, kernel_name: str) -> Any:
        if kernel_name != FORKABLE and not FORK.fullmatch(kernel_name):
            return super().get_kernel_spec(kernel_name)
        config = {"socket": socket_of(kernel_name), "fresh": kernel_name.startswith("zygote-")}
        fork = {"provisioner_name": "nbevolve-fork", "config": config}
        return KernelSpec(
            argv=[sys.executable, "-m", "nbevolve_fork.launcher", "-f", "{connection_file}"],
            display_name=kernel_name,
            language="python",
            interrupt_mode="signal",
            metadata={} if kernel_name == FORKABLE else {"kernel_provisioner": fork},
        )
