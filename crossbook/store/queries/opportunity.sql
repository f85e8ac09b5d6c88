-- Opportunities and their lives.

-- name: keep_opportunities
-- The state after the last change of each in the batch. An older change that is told again does not turn it back.
INSERT INTO crossbook.opportunity AS kept
    (id, event, basis, kind, verdict, opened, closed, close_reasons, return_numerator, return_denominator,
     number, at, object, text)
SELECT id, event, basis, kind, verdict, opened, closed, close_reasons, return_numerator, return_denominator,
       number, at, coalesce(readable, text)::jsonb, text
FROM jsonb_to_recordset($1::jsonb) AS told
    (id text, event text, basis text, kind text, verdict text, opened bigint, closed bigint, close_reasons jsonb,
     return_numerator numeric, return_denominator numeric, number integer, at bigint, readable text, text text)
ORDER BY id
ON CONFLICT (id) DO UPDATE SET
    (verdict, closed, close_reasons, return_numerator, return_denominator, number, at, object, text) =
    (excluded.verdict, excluded.closed, excluded.close_reasons, excluded.return_numerator,
     excluded.return_denominator, excluded.number, excluded.at, excluded.object, excluded.text)
WHERE kept.number < excluded.number;

-- name: add_changes
-- The life of each opportunity. A change that is there already is left as it is.
INSERT INTO crossbook.opportunity_change (opportunity, number, at, moment, reasons, object, text)
SELECT id, number, at, moment, reasons, coalesce(readable, text)::jsonb -> 'object', text
FROM jsonb_to_recordset($1::jsonb) AS told
    (id text, number integer, at bigint, moment text, reasons jsonb, readable text, text text)
ORDER BY id, number
ON CONFLICT DO NOTHING
RETURNING opportunity, number;

-- name: abandoned_gives_way
-- Asked only when a change was there already. A run that was killed may have recorded what the database was never told:
-- what really came next, told by a replay, takes the place of the close that the next run put there instead.
WITH gone AS (
    DELETE FROM crossbook.opportunity_change AS kept
    USING jsonb_to_recordset($1::jsonb) AS told (id text, number integer, text text)
    WHERE kept.opportunity = told.id AND kept.number = told.number AND kept.text <> told.text
      AND kept.moment = 'closed' AND kept.reasons -> 0 ->> 'name' = 'abandoned'
    RETURNING kept.opportunity, kept.number
), turned_back AS (
    UPDATE crossbook.opportunity AS kept SET number = kept.number - 1
    FROM gone
    WHERE kept.id = gone.opportunity AND kept.number = gone.number
)
SELECT opportunity, number FROM gone;

-- name: different_change
-- Looked for only when a change was there already: one number must never stand for two different changes.
SELECT told.id, told.number
FROM jsonb_to_recordset($1::jsonb) AS told (id text, number integer, text text)
JOIN crossbook.opportunity_change AS kept ON kept.opportunity = told.id AND kept.number = told.number
WHERE kept.text <> told.text
LIMIT 1;

-- name: left_open
-- What a run that was killed left open; held until it is closed, so that two processes do not close it twice.
SELECT id, event, verdict, opened, closed, return_numerator, return_denominator, number, at, text
FROM crossbook.opportunity
WHERE closed IS NULL AND at < $1
ORDER BY id
FOR UPDATE;

-- name: close_opportunities
-- Closes what was left open, with nothing of it changed but that; its last change is told beside it.
UPDATE crossbook.opportunity AS kept SET
    (closed, close_reasons, number, at, object, text) =
    (told.at, told.reasons, told.number, told.at, coalesce(told.shown_readable, told.shown)::jsonb, told.shown)
FROM jsonb_to_recordset($1::jsonb) AS told
    (id text, number integer, at bigint, reasons jsonb, shown_readable text, shown text)
WHERE kept.id = told.id AND kept.closed IS NULL;

-- name: open_opportunities
-- What stands now, the oldest first; what a door shows when it starts.
SELECT id, event, verdict, opened, closed, return_numerator, return_denominator, number, at, text
FROM crossbook.opportunity
WHERE closed IS NULL
ORDER BY opened, id;

-- name: recent_opportunities
-- The last ones that opened, whether they stand or not.
SELECT id, event, verdict, opened, closed, return_numerator, return_denominator, number, at, text
FROM crossbook.opportunity
ORDER BY opened DESC, id
LIMIT $1;

-- name: opportunity
-- One opportunity; its life is asked for beside it.
SELECT id, event, verdict, opened, closed, return_numerator, return_denominator, number, at, text
FROM crossbook.opportunity
WHERE id = $1;

-- name: life
-- All changes of one opportunity in order.
SELECT number, at, moment, text
FROM crossbook.opportunity_change
WHERE opportunity = $1
ORDER BY number;

-- name: lives
-- All changes of all opportunities in an order that no setting of the database changes, to compare two databases.
SELECT text
FROM crossbook.opportunity_change
ORDER BY opportunity COLLATE "C", number;
