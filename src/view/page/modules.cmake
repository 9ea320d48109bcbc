# Each stands after those that it imports.
set(PAGE_MODULES
  colours.js growing.js columns.js reader.js node_history.js client_history.js run.js causes.js
  view.js lanes.js filter.js words.js find.js life.js rules.js address.js
  canvas.js paint_bands.js paint_signs.js paint_arrows.js paint_density.js scene.js paint_map.js paint_over.js
  app.js place.js
  dom.js labels.js filter_bar.js panel_event.js panel_state.js panel_life.js panel_rules.js panel.js
  pointer.js screen.js keys.js measure.js live.js controls.js main.js)
