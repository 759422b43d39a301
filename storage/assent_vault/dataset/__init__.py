"""A data set in somebody's hands: is it whole, is it signed, and is it still agreed to? Offline.

Nothing here needs a vault, a database or a network. What is read was written by anybody at all:
names, sizes and signatures are looked at before anything is believed, and no link is followed.
"""
