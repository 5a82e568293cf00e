"""Many reports at once: checked, handed to workers, retried, resumed, recorded."""
