"""What sets the assistant up and keeps it running: environments, preparation, processes, the model that answers.

Imports what it prepares; of training it knows nothing.
"""
