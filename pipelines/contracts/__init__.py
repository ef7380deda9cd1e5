"""What the parts promise each other: tables, columns and codes, as frozen data. No behaviour, no imports of ours."""
