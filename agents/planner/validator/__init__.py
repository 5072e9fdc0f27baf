"""The validator: an independent check of a plan before it is used, on plain values of the plan alone.

`validate` says by definition what of a whole plan breaks a law; `Gate` says the same of a change to a plan that it
knows, at a cost that grows with the change. Neither knows how the planner builds its plans.

What is refused is the planner's choice: what it planned, when, where and of whom, and what it lets others count on.
What is only a fact is taken as it is: the times and quantities of firm and released supply, begun work that lies on
other begun work, stock below zero, what other planners have reserved. Facts are what planned supply has to fit.
"""
