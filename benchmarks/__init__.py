"""What docs/benchmarks.md measures: ``make bench NAME=x``; each ends with one line of JSON."""
