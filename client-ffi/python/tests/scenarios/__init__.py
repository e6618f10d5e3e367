"""The scenarios of `conformance/scenarios.md`: one test each, of the same name with `_` for `-`."""
