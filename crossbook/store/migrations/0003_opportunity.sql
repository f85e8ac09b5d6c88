-- Opportunities and their lives.
-- The release before this one: still works.

CREATE TABLE crossbook.opportunity (
    id text PRIMARY KEY,
    event text NOT NULL,
    basis text NOT NULL,
    kind text NOT NULL,
    verdict text NOT NULL,
    opened bigint NOT NULL,
    closed bigint,
    close_reasons jsonb,
    return_numerator numeric NOT NULL,
    return_denominator numeric NOT NULL CHECK (return_denominator > 0),
    guaranteed_return numeric GENERATED ALWAYS AS (return_numerator / return_denominator) STORED,
    number integer NOT NULL,
    at bigint NOT NULL,
    object jsonb NOT NULL,
    text text NOT NULL
);
COMMENT ON TABLE crossbook.opportunity IS 'Opportunities as they stand now, or stood when they closed';
COMMENT ON COLUMN crossbook.opportunity.event IS 'The event''s id';
COMMENT ON COLUMN crossbook.opportunity.closed IS 'When its life ended; null while it is open';
COMMENT ON COLUMN crossbook.opportunity.guaranteed_return IS 'For reading and sorting; the two columns before it are exact';
COMMENT ON COLUMN crossbook.opportunity.number IS 'The last change that is told here';
COMMENT ON COLUMN crossbook.opportunity.object IS 'As shown at the doors, to be searched';
COMMENT ON COLUMN crossbook.opportunity.text IS 'As shown at the doors, byte for byte';
CREATE INDEX opportunity_open ON crossbook.opportunity (opened) WHERE closed IS NULL;
CREATE INDEX opportunity_opened ON crossbook.opportunity (opened);
CREATE INDEX opportunity_event ON crossbook.opportunity (event);

CREATE TABLE crossbook.opportunity_change (
    opportunity text NOT NULL REFERENCES crossbook.opportunity,
    number integer NOT NULL,
    at bigint NOT NULL,
    moment text NOT NULL CHECK (moment IN ('opened', 'changed', 'closed')),
    reasons jsonb NOT NULL,
    object jsonb NOT NULL,
    text text NOT NULL,
    PRIMARY KEY (opportunity, number)
);
COMMENT ON TABLE crossbook.opportunity_change IS 'The life of each opportunity; rows are added and never changed';
COMMENT ON COLUMN crossbook.opportunity_change.text IS 'The whole change as canonical JSON, byte for byte';
CREATE INDEX opportunity_change_at ON crossbook.opportunity_change (at);
