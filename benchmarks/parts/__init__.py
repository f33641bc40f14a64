"""The parts of the benchmark of pixels."""
