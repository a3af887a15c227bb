"""Records on a Spark cluster: judged by its workers, batch after batch, with the engine that judges them here.

Findings stay on the cluster; what comes to the driver is the counts. Knows no rule's meaning and no file format.
"""
