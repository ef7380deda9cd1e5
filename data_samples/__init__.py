"""Small deliveries of the made-up province 88, the truth beside them, and the simulator that makes both.

Everything here is SYNTHETIC. Nothing in this package may import the pipeline or the linkage library:
the truth must not depend on the code that is measured against it.
"""
