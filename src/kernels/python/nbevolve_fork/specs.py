"""Owns: kernel specs that are not files: `box-<name>`, a fresh kernel in a new box; `fork-<name>`, a fork of the frozen kernel of
that name. Never knows which of them exist.
"""

import re
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

BOX = re.compile(r"box-[0-9a-f]{8,16}")
FORK = re.compile(r"fork-[0-9a-f]{8,16}")


class BoxSpecs(KernelSpecManager):
    def get_kernel_spec(self, kernel_name: str) -> Any:
        if BOX.fullmatch(kernel_name):
            config = {"box": kernel_name}
        elif FORK.fullmatch(kernel_name):
            config = {"template": kernel_name}
        else:
            return super().get_kernel_spec(kernel_name)
        return KernelSpec(
            argv=["-"],
            display_name=kernel_name,
            language="python",
            interrupt_mode="signal",
            metadata={"kernel_provisioner": {"provisioner_name": "nbevolve-box", "config": config}},
        )
