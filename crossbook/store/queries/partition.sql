-- The hours of quotes.

-- name: partitions
-- Every table that is an hour of quotes, or was one until a retention was interrupted.
SELECT part.relname AS name, tree.inhrelid IS NOT NULL AS attached, coalesce(tree.inhdetachpending, false) AS leaving
FROM pg_class AS part
JOIN pg_namespace AS room ON room.oid = part.relnamespace
LEFT JOIN pg_inherits AS tree ON tree.inhrelid = part.oid
WHERE room.nspname = 'crossbook' AND part.relkind = 'r' AND part.relname ~ '^quote_[0-9]{10}$'
ORDER BY part.relname;
