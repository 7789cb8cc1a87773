"""Owns: the start of one kernel: an IPython kernel with nbevolve's settings. Never runs user code itself.

    python -m nbevolve_beside.kernel_app -f <connection file>
"""

from ipykernel.kernelapp import IPKernelApp
from traitlets.config import Config

from nbevolve_beside import kernel_side  # noqa: F401  (loaded before user code can change what it uses)


def configuration() -> Config:
    config = Config()
    # A "tip of the day" draws from the user's `random`.
    config.InteractiveShell.enable_tip = False
    # No history file: neither shared between kernels nor kept.
    config.HistoryManager.enabled = False
    return config


if __name__ == "__main__":
    IPKernelApp.launch_instance(config=configuration())
