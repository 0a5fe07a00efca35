"""How long what citizens said is kept, how it is sealed, and how it goes: keys, retention, deletion at their wish."""
