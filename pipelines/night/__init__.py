"""How a night is carried out: pinned, executed step by step, committed as one vintage. Knows no step by name."""
