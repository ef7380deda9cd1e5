"""Packages for statisticians: data, what each column means, and checksums to prove that nothing changed on the way."""
