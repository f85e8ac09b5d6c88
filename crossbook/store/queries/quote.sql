-- Quotes. They are written by COPY; these read them.

-- name: latest_quotes
-- The crossbook of an event as the database knows it: the last word on each offer, where that is not a withdrawal
-- and the stream that said it is still open. Grouped before anything is joined, and then each found
-- again by the index (a row at a time: left to itself the server sorts hours of quotes, which is ten times as slow).
WITH last_word AS MATERIALIZED (
    SELECT quote.listing, quote.venue, quote.market, quote.claim, quote.side, quote.basis, max(quote.at) AS at
    FROM crossbook.event
    JOIN crossbook.listing ON listing.event = event.number
    JOIN crossbook.quote ON quote.listing = listing.number
    WHERE event.id = $1
    GROUP BY quote.listing, quote.venue, quote.market, quote.claim, quote.side, quote.basis
)
SELECT quote.at, quote.side, quote.basis, quote.tradable, quote.happened, quote.received, quote.market,
       quote.odds, quote.size, quote.step,
       listing.source, listing.key, stream.name AS stream,
       venue.id, venue.name, venue.type, venue.desk, venue.rules, venue.commission,
       venue.step AS venue_step, venue.smallest,
       claim.kind, claim.period, claim.subject, claim.selection, claim.line
FROM last_word
CROSS JOIN LATERAL (
    SELECT * FROM crossbook.quote AS each
    WHERE each.listing = last_word.listing AND each.at = last_word.at
      AND each.venue = last_word.venue AND each.market = last_word.market AND each.claim = last_word.claim
      AND each.side = last_word.side AND each.basis = last_word.basis
    LIMIT 1
) AS quote
JOIN crossbook.listing ON listing.number = quote.listing
JOIN crossbook.stream ON stream.number = quote.stream
JOIN crossbook.venue ON venue.number = quote.venue
JOIN crossbook.claim ON claim.number = quote.claim
WHERE quote.odds IS NOT NULL AND stream.closed IS NULL
ORDER BY listing.source, listing.key, venue.id, quote.market, claim.kind, claim.selection, claim.line, quote.side;

-- name: quotes_between
-- Every quote of a stretch of time in order, withdrawals included: to compare with a recording, or to export.
SELECT quote.at, quote.side, quote.basis, quote.tradable, quote.happened, quote.received, quote.market,
       quote.odds, quote.size, quote.step,
       listing.source, listing.key, stream.name AS stream,
       venue.id, venue.name, venue.type, venue.desk, venue.rules, venue.commission,
       venue.step AS venue_step, venue.smallest,
       claim.kind, claim.period, claim.subject, claim.selection, claim.line
FROM crossbook.quote
JOIN crossbook.listing ON listing.number = quote.listing
JOIN crossbook.stream ON stream.number = quote.stream
JOIN crossbook.venue ON venue.number = quote.venue
JOIN crossbook.claim ON claim.number = quote.claim
WHERE quote.at >= $1 AND quote.at < $2
ORDER BY quote.at, listing.source, listing.key, venue.id, quote.market, claim.number, quote.side;
