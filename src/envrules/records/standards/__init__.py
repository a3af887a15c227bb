"""What a standard's tables say of a record: model codes, classes by limits, indices by breakpoints, means of hours.

A pack brings the tables as data; here is only how such tables are read. Knows no standard by name.
"""
