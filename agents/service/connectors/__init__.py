"""The host of source agents: it owns their transport, and gives what they read to the society.

`configured` makes the connectors that the settings name; `receiving` keeps what they deliver and hands it over;
`folders` watches folders and maildirs, `asking` sends the requests of those that have to ask.
"""
