"""A shell text, a statement or a call, judged from its text alone; nothing here runs or opens anything.

What cannot be known before it runs is never allowed: it is held for a second person, with the reason.
"""
