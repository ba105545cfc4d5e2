"""Today: how it stands, what moved, what needs somebody. What is said is worked out in app/today/.

`today.py`   puts the page together, and the part that is worked out beside it
`said.py`    alarms, tasks and first steps in sentences
"""
