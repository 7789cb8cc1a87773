# Offline nudge tools, for a task that declares no `problem`: change numbers at random and ask the verifier.
import numpy as np


def nudged(value, seed, scale):
    """A copy of nested lists, dicts or arrays in which some numbers are changed by about `scale` of their spread."""
    rng = np.random.default_rng(seed)
    numbers = floats_in(value)
    if not numbers:
        raise TypeError(f"the submission, a {type(value).__name__}, holds no floats that could be changed")
    size = scale * (np.std(numbers) or abs(numbers[0]) or 1.0)
    share = rng.choice([1.0, 0.3, 1 / len(numbers)])
    return changed(value, lambda x: x + size * rng.normal() if rng.random() < share else x)


def floats_in(value):
    found = []
    changed(value, lambda x: found.append(x) or x)
    return found


def changed(value, change):
    """The same value with `change` applied to each float in it; everything else is left as it is."""
    if isinstance(value, (float, np.floating)):
        return change(float(value))
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return np.array([change(float(x)) for x in value.ravel()]).reshape(value.shape)
    if isinstance(value, dict):
        return {key: changed(item, change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(changed(item, change) for item in value)
    return value


nudged(submission, seed=0, scale=0.0)
kept = submission
