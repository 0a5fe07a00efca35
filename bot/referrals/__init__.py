"""Where matters belong that are not ours to answer (去处): emergencies, complaints, other registers.

Imports no other capability.
"""
