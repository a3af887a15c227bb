"""Large tables read column by column: each different cell of a column once, numbers all together.

The second way from a planned table to records, beside `rows`: it gives the same records and problems, but keeps them as
columns and makes a record only when it is asked for. Only this room and the columnar engine know those columns.
"""
