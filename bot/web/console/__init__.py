"""The pages of staff at `/console`. How to add one: `docs/staff.md`."""
