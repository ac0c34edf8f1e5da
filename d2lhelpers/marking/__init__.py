"""``python -m d2lhelpers mark folder``: the exercises of a class, each notebook in a process of its own.

The way of a submission: `submissions` finds it and says whose it is; `sandbox` starts a process that can harm
nobody; in it `worker` runs the cells and asks the checks, while `guard` watches what the notebook does;
`marking` asks again without whatever ended the process, and `report` writes table and pages.
"""
