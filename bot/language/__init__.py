"""Tools for Chinese text and for numbers. Imports no other package of ours; both environments use it."""
