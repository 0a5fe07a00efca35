"""The actions of the assistant, one module for each capability."""
