import { parsePlace, writePlace } from "./address.js";

/** Brings the page to where an address points. @param {import("./app.js").App} app @param {string} hash */
export function applyPlace(app, hash) {
  const { run, filter, view } = app;
  const place = parsePlace(hash);
  if (place.hide) filter.hidden = new Set(place.hide);
  if (place.lanes) filter.lanes = new Set(run.lanes.flatMap((l, n) => (place.lanes.includes(l.name) ? [n] : [])));
  filter.slot = place.only ?? null;
  filter.ballot = place.ballot ?? null;
  app.slot = place.slot ?? null;
  app.search = place.q ?? "";
  app.tab = place.tab ?? (place.slot === undefined ? app.tab : "life");
  app.refilter();
  const stretch = place.from !== undefined && place.to > place.from;
  if (stretch) view.show(place.from * 1000, place.to * 1000);
  // Of several events at a moment `e` says which; a moment may lie between two events.
  const moment = place.t === undefined ? -1 : run.eventAt(place.t * 1000);
  if (place.e >= 0 && place.e < run.length && place.e !== moment) app.goTo(place.e, !stretch);
  else if (place.t !== undefined) app.goToTime(place.t * 1000, !stretch);
}

/** The address of what is seen. @param {import("./app.js").App} app */
export function placeOf(app) {
  const { run, filter, view } = app;
  const whole = view.from <= view.low && view.to >= view.high;
  const asAtFirst = filter.hidden.size === 1 && filter.hidden.has("HEARTBEAT");
  return writePlace({
    t: app.time / 1000,
    e: app.cursor < 0 ? undefined : app.cursor,
    from: whole ? undefined : view.from / 1000,
    to: whole ? undefined : view.to / 1000,
    slot: app.slot ?? undefined,
    only: filter.slot ?? undefined,
    ballot: filter.ballot ?? undefined,
    hide: asAtFirst ? undefined : [...filter.hidden],
    lanes: filter.lanes.size === 0 ? undefined : [...filter.lanes].map((lane) => run.laneName(lane)),
    q: app.search,
    tab: app.tab,
  });
}
