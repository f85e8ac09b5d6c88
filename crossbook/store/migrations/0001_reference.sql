-- What quotes and opportunities refer to: venues, events, listings, links, claims, streams, batches, faults.
-- The release before this one: there is none.
--
-- Times are bigint nanoseconds since 1970 UTC, because timestamptz stops at microseconds. Exact numbers that stand in
-- many rows are text such as 100/37: any length, read back unchanged, and four times as fast to copy as numeric.

CREATE FUNCTION crossbook.ratio(exact text) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT split_part(exact, '/', 1)::numeric / split_part(exact, '/', 2)::numeric $$;
COMMENT ON FUNCTION crossbook.ratio IS 'An exact number such as 100/37 as a decimal, for reading and sorting';

CREATE FUNCTION crossbook.moment(nanoseconds bigint) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT timestamptz 'epoch' + div(nanoseconds::numeric, 1000)::bigint * interval '1 microsecond' $$;
COMMENT ON FUNCTION crossbook.moment IS 'A time in nanoseconds as a timestamp, for reading (microseconds remain)';

CREATE TABLE crossbook.venue (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL UNIQUE,
    name text NOT NULL,
    type text NOT NULL,
    desk text NOT NULL,
    rules text NOT NULL,
    commission text,
    step text,
    smallest text
);
COMMENT ON TABLE crossbook.venue IS 'A place to bet or trade';
COMMENT ON COLUMN crossbook.venue.number IS 'Ours, short: quotes carry it';
COMMENT ON COLUMN crossbook.venue.commission IS 'Share of net winnings kept, exact (1/50); null where no source states it';
COMMENT ON COLUMN crossbook.venue.step IS 'What a stake moves by, exact';
COMMENT ON COLUMN crossbook.venue.smallest IS 'The least stake, exact';

CREATE TABLE crossbook.event (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL UNIQUE,
    title text NOT NULL
);
COMMENT ON TABLE crossbook.event IS 'What happens in the world: all listings of it together';

CREATE TABLE crossbook.listing (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL,
    key text NOT NULL,
    sport text NOT NULL,
    competition text NOT NULL,
    home text NOT NULL,
    away text NOT NULL,
    season text,
    date text,
    start_ns bigint,
    ids jsonb NOT NULL,
    contests jsonb NOT NULL,
    event integer REFERENCES crossbook.event,
    UNIQUE (source, key)
);
COMMENT ON TABLE crossbook.listing IS 'An event as one source writes it';
COMMENT ON COLUMN crossbook.listing.key IS 'The source''s own id of the event';
COMMENT ON COLUMN crossbook.listing.date IS 'The local date as the source states it, ISO';
COMMENT ON COLUMN crossbook.listing.start_ns IS 'The start, nanoseconds UTC';
COMMENT ON COLUMN crossbook.listing.ids IS 'Other sources'' ids of the same event, as this source states them';
COMMENT ON COLUMN crossbook.listing.contests IS 'Who can win what';
COMMENT ON COLUMN crossbook.listing.event IS 'The event it belongs to now; how that came about stands in link';
CREATE INDEX listing_event ON crossbook.listing (event);

CREATE TABLE crossbook.link (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    listing integer NOT NULL REFERENCES crossbook.listing,
    event integer NOT NULL REFERENCES crossbook.event,
    decision text NOT NULL CHECK (decision IN ('accept', 'review', 'reject')),
    reasons jsonb NOT NULL,
    at bigint NOT NULL,
    UNIQUE (listing, event, at, decision)
);
COMMENT ON TABLE crossbook.link IS 'Every decision about a listing and an event, never changed: the latest one holds';

CREATE TABLE crossbook.claim (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    period text NOT NULL,
    subject text NOT NULL,
    selection text NOT NULL,
    line numeric,
    UNIQUE NULLS NOT DISTINCT (kind, period, subject, selection, line)
);
COMMENT ON TABLE crossbook.claim IS 'What a selection says about the world; quotes carry its number instead of five words';
COMMENT ON COLUMN crossbook.claim.line IS 'A whole number of quarters, so exact as a decimal; null where the market has none';

CREATE TABLE crossbook.stream (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    format text NOT NULL,
    opened bigint NOT NULL,
    closed bigint,
    why text,
    UNIQUE (name, opened)
);
COMMENT ON TABLE crossbook.stream IS 'One opening of one connection or polled address';
COMMENT ON COLUMN crossbook.stream.closed IS 'When it was lost: nothing it said stands from then on. Null while open';
COMMENT ON COLUMN crossbook.stream.why IS 'Why it was closed';

CREATE TABLE crossbook.batch (
    recording text NOT NULL,
    number bigint NOT NULL,
    at bigint NOT NULL,
    quotes integer NOT NULL,
    dropped integer NOT NULL,
    PRIMARY KEY (recording, number)
);
COMMENT ON TABLE crossbook.batch IS 'What was written: a batch sent again after a lost answer is found here and skipped';
COMMENT ON COLUMN crossbook.batch.dropped IS 'Quotes of this batch that were given up because the database was too slow';
CREATE INDEX batch_at ON crossbook.batch (at);

CREATE TABLE crossbook.fault (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream text NOT NULL,
    at bigint NOT NULL,
    reason text NOT NULL,
    count bigint NOT NULL
);
COMMENT ON TABLE crossbook.fault IS 'Input that could not be read, counted';
CREATE INDEX fault_at ON crossbook.fault (at);
