"""What a check found, as a person or a program reads it: one output format a file.

A report is made from `base.ReportData` alone. This room judges nothing and reads no records.
"""
