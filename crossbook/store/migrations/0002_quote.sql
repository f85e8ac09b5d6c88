-- Quotes: every change of every price of the last hours, one partition for each hour.
-- The release before this one: still works.
--
-- No default partition on purpose: a row always has a partition made for it, and a default one would hide that it
-- was not. No foreign keys on purpose: they would cost a look-up for each row, and the numbers come from the same
-- transaction.

CREATE TYPE crossbook.side AS ENUM ('back', 'lay');
CREATE TYPE crossbook.basis AS ENUM ('prematch', 'closing', 'live');

CREATE TABLE crossbook.quote (
    at bigint NOT NULL,
    listing integer NOT NULL,
    venue integer NOT NULL,
    claim integer NOT NULL,
    stream integer NOT NULL,
    side crossbook.side NOT NULL,
    basis crossbook.basis NOT NULL,
    tradable boolean NOT NULL,
    happened bigint,
    received bigint,
    market text NOT NULL,
    odds text,
    size text,
    step text
) PARTITION BY RANGE (at);
COMMENT ON TABLE crossbook.quote IS 'One venue''s offer on a claim from a moment on, until the next row of it';
COMMENT ON COLUMN crossbook.quote.at IS 'When Crossbook applied it, nanoseconds UTC';
COMMENT ON COLUMN crossbook.quote.market IS 'The venue''s own id of the market, empty where it has none';
COMMENT ON COLUMN crossbook.quote.odds IS 'Exact decimal odds such as 100/37; null: the offer was withdrawn';
COMMENT ON COLUMN crossbook.quote.size IS 'The backer''s stake on offer, exact; null where the venue does not say';
COMMENT ON COLUMN crossbook.quote.happened IS 'The venue''s time of the price';
COMMENT ON COLUMN crossbook.quote.received IS 'When its bytes came to us';
-- The latest quotes of an event are looked for listing by listing.
CREATE INDEX quote_listing_at ON crossbook.quote (listing, at);
