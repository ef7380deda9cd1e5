"""What each department holds: one module per register, ``draw`` (facts, in integers) and ``render`` (cells, as text).

A frame has one row per version of a record: ``base`` (the record), ``seen`` (first night that shows this
version) and ``until`` (first night that no longer does). Nothing here is dirty yet; see ``defects``.
"""
