"""Rollcall's night: from departments' extracts to discrepancy reports.

One folder a step, in the order of the flow: ``receive validate standardise link identify reconcile cases publish``.
``contracts`` at the bottom holds frozen data; ``flow`` is the only module that knows every step.
"""
