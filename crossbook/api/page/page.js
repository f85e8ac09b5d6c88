"use strict";
// The page follows /live. What comes from outside is only ever set as text, never as markup.

const SILENT_MS = 25000; // the server says at least every ten seconds that it is there
const LINGER_MS = 6000; // a closed opportunity stays in its place this long, with the reason
const CLOSED_SHOWN = 50;
const SIGNS = { pure: "●", rule_exposed: "▲", rejected: "✕" };
const STATE_SIGNS = { open: "✓", lost: "✕", refused: "✕", connecting: "…", waiting: "…", silent: "…" };

const query = new URLSearchParams(location.search);
let language = query.get("lang") || (navigator.language || "en").slice(0, 2);
if (!(language in WORDS)) language = "en";

const state = { summary: null, streams: [], venues: [], open: new Map(), closed: [] };
const cards = new Map(); // id → { element, parts, leaves }
const venueRows = new Map();
const streamRows = new Map();
let ahead = 0; // how far the server's clock is ahead of this one, in ms
let heard = Date.now();
let lost = false;
let source = null;

const byId = (id) => document.getElementById(id);
const now = () => Date.now() + ahead;

function word(key, ...values) {
  const text = WORDS[language][key] ?? WORDS.en[key] ?? key;
  return text.replace(/\{(\d)\}/g, (_, place) => String(values[Number(place)] ?? ""));
}
// A tenth counts below ten only.
function brief(number) {
  return count(number < 10 ? Math.round(number * 10) / 10 : Math.round(number));
}
function known(prefix, name) {
  return prefix + name in WORDS.en ? word(prefix + name) : name;
}
function count(number) {
  return new Intl.NumberFormat(language).format(number);
}
function age(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const unit = language === "id" ? { s: "dtk", m: "mnt", h: "jam" } : { s: "s", m: "min", h: "h" };
  if (seconds < 60) return `${seconds} ${unit.s}`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} ${unit.m} ${seconds % 60} ${unit.s}`;
  return `${Math.floor(seconds / 3600)} ${unit.h} ${Math.floor((seconds % 3600) / 60)} ${unit.m}`;
}
function comma(text) {
  return language === "id" ? text.replace(".", ",") : text;
}
// Exact decimal text times a hundred, cut to two places towards zero: no binary float touches it.
function percent(text, less) {
  const [, sign, whole, part = ""] = /^(-?)(\d+)(?:\.(\d+))?/.exec(text) || [null, "", "0", "0"];
  let units = BigInt(whole + (part + "000000000").slice(0, 9));
  if (sign) units = -units;
  units -= BigInt(less) * 1000000000n;
  const cut = units / 100000n;
  const size = cut < 0n ? -cut : cut;
  return comma(`${cut < 0n ? "−" : ""}${size / 100n}.${String(size % 100n).padStart(2, "0")}`);
}
function signed(text) {
  return comma(text.startsWith("-") ? "−" + text.slice(1) : "+" + text);
}

// ---------------------------------------------------------------- elements

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
function show(element, visible) {
  if (element.hidden === visible) element.hidden = !visible;
}

// ---------------------------------------------------------------- cards

function card(life) {
  const parts = {};
  for (const name of ["net", "worst", "verdict", "when", "title", "where", "plan", "why"]) parts[name] = make("span");
  parts.net.className = "net";
  parts.worst.className = "small";
  parts.verdict.className = "verdict";
  parts.when.className = "when";
  parts.title = make("h3");
  parts.where = make("p", "where");
  parts.legs = make("table", "legs");
  parts.plan = make("p", "plan");
  parts.reasons = make("ul", "reasons");
  parts.why = make("p", "why");
  const top = make("div", "top", parts.net, parts.worst, parts.verdict, parts.when);
  const element = make("li", "card fresh", top, parts.title, parts.where, parts.legs, parts.plan, parts.reasons, parts.why);
  element.dataset.id = life.id;
  return { element, parts, life: null, leaves: 0 };
}
function venueName(id) {
  const venue = state.venues.find((each) => each.id === id);
  return venue ? venue.name : id;
}
function fill(shown, life) {
  shown.life = life;
  const { element, parts } = shown;
  const found = life.opportunity;
  element.classList.remove("pure", "rule_exposed", "rejected");
  element.classList.add(found.verdict);
  say(parts.net, `${percent(found.guaranteed_return, 1)} %`);
  parts.net.title = word("net");
  say(parts.worst, word("worst"));
  say(parts.verdict, `${SIGNS[found.verdict] || "?"} ${known("", found.verdict)}`);
  parts.verdict.title = word(found.verdict + "Says");
  say(parts.title, teams(found.event));
  const start = found.event.start ? word("starts", new Date(found.event.start).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" })) : "";
  const places = [found.event.competition, known("basis.", found.basis), start, word(found.verdict + "Says")];
  say(parts.where, places.filter(Boolean).join(" · "));
  legs(parts.legs, life);
  const plan = found.rounded;
  say(parts.plan, plan
    ? word("plan", comma(plan.staked), comma(plan.bank), signed(plan.worst), signed(plan.best))
    : word("noPlan", found.rounded_reason || ""));
  show(parts.plan, found.verdict !== "rejected");
  parts.reasons.replaceChildren(...found.reasons.map((reason) => {
    const item = make("li");
    say(item, reason);
    return item;
  }));
  const over = life.moment === "closed";
  element.classList.toggle("over", over);
  say(parts.why, over ? causes(life) : "");
  show(parts.why, over);
  tickCard(shown);
}
function teams(event) {
  return event.away ? `${event.home} – ${event.away}` : event.home;
}
function causes(life) {
  return life.why.map((reason) => {
    const cut = reason.indexOf(": ");
    return cut < 0 ? known("why.", reason) : `${known("why.", reason.slice(0, cut))}: ${reason.slice(cut + 2)}`;
  }).join("; ");
}
// The usual bets in words; all others as they are written everywhere else.
function betWords(leg, event) {
  const side = { home: event.home, away: event.away }[leg.selection];
  const line = leg.line === null ? "" : comma(leg.line);
  if (leg.market === "1x2") return side ? word("bet.win", side) : word("bet.draw");
  if (leg.market === "total") return word(`bet.${leg.selection}`, line);
  if (leg.market === "both_teams_to_score" || leg.market === "btts") return word(`bet.both.${leg.selection}`);
  if (leg.market === "asian_handicap" && side) {
    const own = leg.selection === "home" ? leg.line : leg.line.startsWith("-") ? leg.line.slice(1) : `-${leg.line}`;
    const signed = own === "-0" || own === "0" ? "0" : own.startsWith("-") ? `\u2212${own.slice(1)}` : `+${own}`;
    return word("bet.handicap", side, comma(signed));
  }
  return [leg.market, leg.selection, leg.line].filter((part) => part !== null && part !== "").join(" ");
}
function legs(table, life) {
  const head = make("tr");
  for (const [key, kind] of [["venue", ""], ["bet", ""], ["price", "number"], ["share", "number"], ["stake", "number"]]) {
    const cell = make("th", kind);
    cell.scope = "col";
    say(cell, word(key));
    head.append(cell);
  }
  const refused = life.opportunity.verdict === "rejected"; // nobody should take a stake from it
  const rows = life.opportunity.legs.map((leg, index) => {
    const bet = betWords(leg, life.opportunity.event);
    const lays = leg.side === "lay";
    const place = make("td");
    const seen = make("div", "small");
    seen.dataset.seen = life.seen_ms[index] ?? "";
    place.append(make("div"), seen);
    say(place.firstChild, venueName(leg.venue));
    const cells = [lays ? word("lay", bet) : bet, comma(leg.price), `${percent(leg.share, 0)} %`, leg.stake === null || refused ? "–" : comma(leg.stake)];
    const row = make("tr", "", place);
    cells.forEach((text, place) => {
      const cell = make("td", place ? "number" : "");
      say(cell, text);
      row.append(cell);
    });
    if (lays && leg.risk !== null && !refused) {
      const risk = make("div", "small");
      say(risk, word("risks", comma(leg.risk)));
      row.lastChild.append(risk);
    }
    return row;
  });
  table.replaceChildren(head, ...rows);
}
function tickCard(shown) {
  const { life, parts } = shown;
  const over = life.moment === "closed";
  const text = over ? word("closedAfter", age(life.at_ms - life.opened_ms)) : word("openFor", age(now() - life.opened_ms));
  say(parts.when, text);
  for (const seen of parts.legs.querySelectorAll("[data-seen]")) {
    say(seen, seen.dataset.seen ? word("heldFor", age((over ? life.at_ms : now()) - Number(seen.dataset.seen))) : "");
  }
}
function listFor(life) {
  return byId(life.opportunity.verdict === "rejected" ? "refused-list" : "open-list");
}
// A card keeps its place while it lives: new ones go to the end, changed ones are filled anew where they are.
function put(life) {
  let shown = cards.get(life.id);
  if (!shown) {
    shown = card(life);
    cards.set(life.id, shown);
  }
  shown.leaves = 0;
  const list = listFor(life);
  if (shown.element.parentNode !== list) list.append(shown.element);
  fill(shown, life);
}
function drop(id) {
  const shown = cards.get(id);
  if (!shown || shown.leaves) return;
  shown.leaves = Date.now() + LINGER_MS;
  const end = state.closed.find((life) => life.id === id);
  fill(shown, end || { ...shown.life, moment: "closed", at_ms: now(), why: [] });
}

// ---------------------------------------------------------------- tables, counters, lists

function rowsOf(body, known, items, key, columns) {
  const there = new Set();
  for (const item of items) {
    const id = item[key];
    there.add(id);
    let row = known.get(id);
    if (!row) {
      row = make("tr");
      columns.forEach((column) => row.append(make("td", column.number ? "number" : "")));
      known.set(id, row);
      const next = [...body.children].find((other) => other.dataset.order > item.order);
      row.dataset.order = item.order;
      body.insertBefore(row, next || null);
    }
    columns.forEach((column, place) => column.fill(row.children[place], item));
  }
  for (const [id, row] of known) {
    if (!there.has(id)) {
      row.remove();
      known.delete(id);
    }
  }
}
function stateCell(cell, item) {
  if (!cell.firstChild) cell.append(make("span", "state"), make("div", "small"));
  cell.firstChild.className = `state ${item.state in STATE_SIGNS ? item.state : ""}`;
  say(cell.firstChild, `${STATE_SIGNS[item.state] || "?"} ${known("state.", item.state)}`);
  say(cell.lastChild, item.reason || "");
}
function ageCell(cell, item) {
  say(cell, item.last === null ? "–" : age(now() - item.last));
}
const numberCell = (name) => ({ number: true, fill: (cell, item) => say(cell, count(item[name])) });
const VENUE_COLUMNS = [
  { fill: (cell, item) => say(cell, item.name) },
  { fill: stateCell },
  { number: true, fill: ageCell },
  numberCell("quotes"),
  { number: true, fill: (cell, item) => say(cell, rate(item.quotes_per_s)) },
];
const STREAM_COLUMNS = [
  { fill: (cell, item) => say(cell, item.stream) },
  { fill: stateCell },
  { number: true, fill: ageCell },
  numberCell("frames"),
  numberCell("faults"),
  numberCell("dropped"),
];
function rate(number) {
  return new Intl.NumberFormat(language, { maximumFractionDigits: number < 100 ? 1 : 0 }).format(number);
}
function drawTables() {
  const venues = state.venues.map((each) => ({ ...each, order: each.name.toLowerCase() + " " + each.id }));
  rowsOf(byId("venues-body"), venueRows, venues, "id", VENUE_COLUMNS);
  rowsOf(byId("streams-body"), streamRows, state.streams.map((each) => ({ ...each, order: each.stream })), "stream", STREAM_COLUMNS);
  show(byId("venues-empty"), venues.length === 0);
  say(byId("venues-empty"), word("emptyVenues"));
  show(byId("venues").parentNode, venues.length > 0);
}
function drawCounters() {
  const summary = state.summary;
  if (!summary) return;
  const lives = [...state.open.values()];
  const refused = lives.filter((life) => life.opportunity.verdict === "rejected").length;
  const open = lives.length - refused;
  const wait = summary.latency;
  const latency = wait ? `${brief(wait.p50_ms)} / ${brief(wait.p99_ms)} ms` : "–";
  const values = {
    rate: rate(summary.quotes_per_s), venueCount: count(state.venues.length), listings: count(summary.listings),
    matched: count(summary.matched), openCount: count(open), refusedCount: count(refused), latency,
  };
  const list = byId("counters");
  for (const [key, value] of Object.entries(values)) {
    let box = list.querySelector(`[data-key=${key}]`);
    if (!box) {
      box = make("div", "", make("dt"), make("dd"));
      box.dataset.key = key;
      list.append(box);
    }
    say(box.firstChild, word(key));
    say(box.lastChild, value);
  }
  say(byId("mode-text"), summary.mode);
  say(byId("version"), `Crossbook ${summary.version}`);
  say(byId("open-count"), count(open));
  say(byId("refused-count"), count(refused));
  show(byId("open-empty"), byId("open-list").children.length === 0);
  show(byId("trouble"), Boolean(summary.trouble));
  say(byId("trouble"), summary.trouble ? word("trouble", summary.trouble) : "");
  if (summary.trouble) say(byId("open-empty"), word("emptyTrouble"));
  else say(byId("open-empty"), summary.ticks ? word("emptyOpen", count(summary.quotes), count(summary.listings)) : word("emptyWaiting"));
  show(byId("refused-empty"), byId("refused-list").children.length === 0);
  say(byId("refused-empty"), word("emptyRefused"));
  show(byId("closed-empty"), state.closed.length === 0);
  say(byId("closed-empty"), word("emptyClosed"));
  say(byId("said"), word("said", open, refused));
}
function closedLine(life) {
  const net = make("span", "net");
  const title = make("span");
  const cause = make("span", "cause small");
  const when = make("span", "when");
  const verdict = life.opportunity.verdict;
  say(net, `${SIGNS[verdict] || "?"} ${percent(life.opportunity.guaranteed_return, 1)} %`);
  net.title = known("", verdict);
  say(title, teams(life.opportunity.event));
  say(cause, `${causes(life)} (${word("closedAfter", age(life.at_ms - life.opened_ms))})`);
  when.dataset.at = life.at_ms;
  say(when, word("ago", age(now() - life.at_ms)));
  return make("li", "", net, title, cause, when);
}
function drawClosed(lives, whole) {
  const list = byId("closed-list");
  if (whole) list.replaceChildren();
  list.prepend(...lives.map(closedLine));
  while (list.children.length > CLOSED_SHOWN) list.lastChild.remove();
}

// ---------------------------------------------------------------- events

function hear(at) {
  heard = Date.now();
  ahead = at - heard;
  if (lost || document.body.classList.contains("waiting")) connection(true);
}
function connection(up) {
  lost = !up;
  document.body.classList.remove("waiting");
  document.body.classList.toggle("lost", lost);
  say(byId("link-text"), word(up ? "connected" : "disconnected"));
  byId("link-text").dataset.word = up ? "connected" : "disconnected";
  show(byId("lost"), lost);
  if (lost) say(byId("lost"), word("lost", age(Date.now() - heard)));
}
function apply(content, whole) {
  hear(content.at);
  for (const name of ["summary", "streams", "venues"]) if (name in content) state[name] = content[name];
  const closed = content.closed || [];
  if (whole) {
    const ids = new Set(content.open.map((life) => life.id));
    content.gone = [...state.open.keys()].filter((id) => !ids.has(id));
    state.closed = closed;
  } else {
    state.closed = [...closed, ...state.closed].slice(0, CLOSED_SHOWN);
  }
  if (whole || closed.length) drawClosed(closed, whole);
  for (const id of content.gone || []) {
    state.open.delete(id);
    drop(id);
  }
  for (const life of content.open || []) {
    state.open.set(life.id, life);
    put(life);
  }
  drawTables();
  drawCounters();
}
function connect() {
  if (source) source.close();
  const token = query.get("token");
  source = new EventSource("/live" + (token === null ? "" : "?token=" + encodeURIComponent(token)));
  source.addEventListener("state", (event) => apply(JSON.parse(event.data), true));
  source.addEventListener("change", (event) => apply(JSON.parse(event.data), false));
  source.addEventListener("alive", (event) => hear(JSON.parse(event.data).at));
  source.onerror = () => {
    connection(false);
    // Where the answer was an error the browser gives up by itself.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 3000);
  };
}
function tick() {
  if (!lost && Date.now() - heard > SILENT_MS) {
    connection(false);
    connect();
  }
  if (lost) say(byId("lost"), word("lost", age(Date.now() - heard)));
  for (const [id, shown] of cards) {
    if (shown.leaves && shown.leaves < Date.now()) {
      shown.element.remove();
      cards.delete(id);
    } else if (!lost) {
      tickCard(shown);
    }
  }
  if (lost) return;
  for (const when of document.querySelectorAll("#closed-list .when")) say(when, word("ago", age(now() - Number(when.dataset.at))));
  drawTables();
  drawCounters();
}
function speak() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-word]")) say(element, word(element.dataset.word));
  const button = byId("language");
  say(button, word("language"));
  button.lang = language === "en" ? "id" : "en";
  for (const shown of cards.values()) fill(shown, shown.life);
  drawClosed(state.closed, true);
  drawTables();
  drawCounters();
}

byId("language").addEventListener("click", () => {
  language = language === "en" ? "id" : "en";
  query.set("lang", language);
  history.replaceState(null, "", "?" + query);
  speak();
});
speak();
connect();
setInterval(tick, 1000);
