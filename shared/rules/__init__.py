"""The rules of the domain: pure functions of facts and a given time; nothing here reads a clock or a database."""
