-- One row: a planned test.
-- Columns: name (of the experiment); plan (JSON); saved_at.
-- Parameters: none.
SELECT name, plan, saved_at FROM experiment_plans ORDER BY name
