-- A batch is named by its time too: after a power cut the last second of a recording may be gone while its batches
-- are here, and the next run gives the numbers again. Batches of before keep their names.
-- The release before this one: still works.

ALTER TABLE crossbook.batch
    DROP CONSTRAINT batch_pkey,
    ADD CONSTRAINT batch_pkey PRIMARY KEY (recording, number, at);
COMMENT ON TABLE crossbook.opportunity_change IS
    'The life of each opportunity; rows are added and never changed, but abandoned gives way to what really came next';
