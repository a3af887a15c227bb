"""The rule language: its grammar, types and typed tree. Knows neither YAML nor records."""
