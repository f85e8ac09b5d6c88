-- What quotes and opportunities refer to. Rows come as one JSON text for each table and are sorted by their key, so
-- that two writers take their locks in the same order.

-- name: keep_batches
-- Says which of these batches are new. In the same transaction as their rows, so that a batch is there as a whole or
-- not at all, and one that is sent again after a lost answer is left out. The time is part of its name, for a recording
-- that lost its last second in a power cut gives numbers again.
INSERT INTO crossbook.batch (recording, number, at, quotes, dropped)
SELECT recording, number, at, quotes, dropped
FROM jsonb_to_recordset($1::jsonb) AS told (recording text, number bigint, at bigint, quotes integer, dropped integer)
ORDER BY recording, number, at
ON CONFLICT DO NOTHING
RETURNING recording, number, at;

-- name: keep_venues
-- A venue's terms may change (a commission becomes known); its number stays.
INSERT INTO crossbook.venue AS kept (id, name, type, desk, rules, commission, step, smallest)
SELECT id, name, type, desk, rules, commission, step, smallest
FROM jsonb_to_recordset($1::jsonb) AS told
    (id text, name text, type text, desk text, rules text, commission text, step text, smallest text)
ORDER BY id
ON CONFLICT (id) DO UPDATE SET
    (name, type, desk, rules, commission, step, smallest) =
    (excluded.name, excluded.type, excluded.desk, excluded.rules,
     excluded.commission, excluded.step, excluded.smallest)
RETURNING id, number;

-- name: keep_listings
-- A source may correct what it says of a listing (a start that moves); the number stays.
INSERT INTO crossbook.listing AS kept
    (source, key, sport, competition, home, away, season, date, start_ns, ids, contests)
SELECT source, key, sport, competition, home, away, season, date, start_ns, ids, contests
FROM jsonb_to_recordset($1::jsonb) AS told
    (source text, key text, sport text, competition text, home text, away text, season text, date text,
     start_ns bigint, ids jsonb, contests jsonb)
ORDER BY source, key
ON CONFLICT (source, key) DO UPDATE SET
    (sport, competition, home, away, season, date, start_ns, ids, contests) =
    (excluded.sport, excluded.competition, excluded.home, excluded.away, excluded.season, excluded.date,
     excluded.start_ns, excluded.ids, excluded.contests)
RETURNING source, key, number;

-- name: listing_numbers
-- Listings that an earlier process wrote and this one only quotes.
SELECT listing.source, listing.key, listing.number
FROM jsonb_to_recordset($1::jsonb) AS told (source text, key text)
JOIN crossbook.listing USING (source, key);

-- name: keep_claims
-- Claims never change; the update does nothing but give the number back when another writer was first.
INSERT INTO crossbook.claim AS kept (kind, period, subject, selection, line)
SELECT kind, period, subject, selection, line
FROM jsonb_to_recordset($1::jsonb) AS told (kind text, period text, subject text, selection text, line numeric)
ORDER BY kind, period, subject, selection, line
ON CONFLICT (kind, period, subject, selection, line) DO UPDATE SET kind = kept.kind
RETURNING kind, period, subject, selection, line, number;

-- name: keep_events
-- An event's title follows its listings; the number stays.
INSERT INTO crossbook.event AS kept (id, title)
SELECT id, title
FROM jsonb_to_recordset($1::jsonb) AS told (id text, title text)
ORDER BY id
ON CONFLICT (id) DO UPDATE SET title = excluded.title;

-- name: part_listings
-- Listings that were told to belong to these events and no longer do.
UPDATE crossbook.listing SET event = NULL
FROM jsonb_to_recordset($1::jsonb) AS told (id text, listings jsonb)
JOIN crossbook.event ON event.id = told.id
WHERE listing.event = event.number
  AND NOT told.listings @> jsonb_build_array(jsonb_build_array(listing.source, listing.key));

-- name: join_listings
-- The other half: listings that belong to these events now.
UPDATE crossbook.listing SET event = event.number
FROM jsonb_to_recordset($1::jsonb) AS told (id text, listings jsonb)
JOIN crossbook.event ON event.id = told.id
CROSS JOIN LATERAL jsonb_array_elements(told.listings) AS member (identity)
WHERE listing.source = member.identity ->> 0
  AND listing.key = member.identity ->> 1
  AND listing.event IS DISTINCT FROM event.number;

-- name: keep_links
-- Decisions are kept for ever, so that a wrong pairing can be explained; telling one twice adds nothing.
INSERT INTO crossbook.link (listing, event, decision, reasons, at)
SELECT listing.number, event.number, told.decision, told.reasons, told.at
FROM jsonb_to_recordset($1::jsonb) AS told
    (source text, key text, event text, decision text, reasons jsonb, at bigint)
LEFT JOIN crossbook.listing USING (source, key)
LEFT JOIN crossbook.event ON event.id = told.event
ORDER BY told.at
ON CONFLICT DO NOTHING;

-- name: keep_streams
-- An opening is told when it begins and again when it ends; an end that is known is not taken back.
INSERT INTO crossbook.stream AS kept (name, format, opened, closed, why)
SELECT name, format, opened, closed, why
FROM jsonb_to_recordset($1::jsonb) AS told (name text, format text, opened bigint, closed bigint, why text)
ORDER BY name, opened
ON CONFLICT (name, opened) DO UPDATE SET
    (format, closed, why) =
    (excluded.format, coalesce(kept.closed, excluded.closed), coalesce(kept.why, excluded.why));

-- name: close_earlier_streams
-- A process that was killed could not tell that its streams ended: the next opening of the name does.
UPDATE crossbook.stream SET closed = later.opened, why = 'opened again'
FROM (SELECT name, max(opened) AS opened FROM crossbook.stream WHERE name = ANY($1::text[]) GROUP BY name) AS later
WHERE stream.name = later.name AND stream.opened < later.opened AND stream.closed IS NULL;

-- name: stream_numbers
-- All openings of these streams: a quote belongs to the last one before it.
SELECT name, opened, number FROM crossbook.stream WHERE name = ANY($1::text[]) ORDER BY name, opened;

-- name: add_faults
-- Faults are counted by whoever tells them; the batch keeps them from being told twice.
INSERT INTO crossbook.fault (stream, at, reason, count)
SELECT stream, at, reason, count
FROM jsonb_to_recordset($1::jsonb) AS told (stream text, at bigint, reason text, count bigint);

-- name: forget_batches
-- Batches older than the quotes that are kept: nobody sends them again.
DELETE FROM crossbook.batch WHERE at < $1;

-- name: counts
-- How much is there, for the doors and for people. Quotes are left out: counting them is slow.
SELECT (SELECT count(*) FROM crossbook.venue) AS venues,
       (SELECT count(*) FROM crossbook.event) AS events,
       (SELECT count(*) FROM crossbook.listing) AS listings,
       (SELECT count(*) FROM crossbook.claim) AS claims,
       (SELECT count(*) FROM crossbook.link) AS links,
       (SELECT count(*) FROM crossbook.stream) AS streams,
       (SELECT coalesce(sum(count), 0)::bigint FROM crossbook.fault) AS faults,
       (SELECT count(*) FROM crossbook.opportunity) AS opportunities,
       (SELECT count(*) FROM crossbook.opportunity WHERE closed IS NULL) AS open,
       (SELECT count(*) FROM crossbook.opportunity_change) AS changes;

-- name: about
-- How much room the database takes, and what the server calls itself, for people.
SELECT pg_database_size(current_database()) AS bytes, current_setting('server_version') AS version;

-- name: is_migrated
-- Asked before the table of migrations is read: a fresh database has none.
SELECT to_regclass('crossbook.migration') IS NOT NULL;

-- name: migrations
-- Which files made these tables, for people; `migrate` looks at their checksums by itself.
SELECT name FROM crossbook.migration ORDER BY name;

-- name: tables
-- Every table that may hold rows worth keeping, also of another release; partitions are part of theirs.
SELECT c.relname AS name
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'crossbook' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'migration'
ORDER BY name;

-- name: quotes_kept
-- How many quotes the kept hours brought; counting them one by one would take too long.
SELECT coalesce(sum(quotes), 0)::bigint FROM crossbook.batch;
