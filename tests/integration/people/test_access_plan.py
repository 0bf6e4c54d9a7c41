"""How PostgreSQL finds what a person's access follows from."""

from contextlib import closing

from shared import access, db


def test_a_plan_made_for_empty_tables_looks_up_by_customer(database_url):
    """The statement is planned once: it must never come to read all subjects for one person."""
    with closing(db.Pool(database_url, name="test", size=1, prepares=True)) as pool, pool.statement() as prepared:
        for _ in range(6):  # psycopg prepares what it has seen so often
            access.read(prepared, "p")
        (row,) = prepared.execute(
            "SELECT name, cardinality(parameter_types) AS parameters FROM pg_prepared_statements"
            " WHERE statement LIKE '%read_at%' AND statement NOT LIKE '%pg_prepared_statements%'"
        ).fetchall()
        nulls = ", ".join(["NULL"] * row["parameters"])
        plan = prepared.execute(f"EXPLAIN EXECUTE {row['name']}({nulls})").fetchall()
    told = "\n".join(line for found in plan for line in found.values())
    assert "subjects_of_customer" in told
    assert "subjects_identity" not in told
    assert "Seq Scan" not in told
