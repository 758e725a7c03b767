"""The parts of :mod:`benchmarks.differential_biip`: what is asked, what biip says, why the two differ."""
