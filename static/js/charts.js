/* The charts of the dashboard, each drawn from the table below it: what is drawn is what can be read there.
   Colours are the tokens; patterns and numbers say the same, so that no colour is needed. Nothing moves. */
(function () {
  "use strict";
  const rule = window.getComputedStyle(document.documentElement);
  const token = (name) => rule.getPropertyValue(`--d-${name}`).trim();
  const INK = token("ink");
  const FONT = rule.getPropertyValue("--d-font").trim();
  const SOLID = { symbol: "none" };
  const lines = (rotation, color) => ({ symbol: "rect", symbolSize: 1, dashArrayX: [1, 0], dashArrayY: [2, 5], rotation, color });
  const dots = (color) => ({ symbol: "circle", symbolSize: 0.55, dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [6, 0], color });
  /* Each look has its own colour and its own pattern. */
  const LOOKS = {
    deep: { color: token("heat-5"), decal: SOLID },
    mid: { color: token("heat-4"), decal: lines(Math.PI / 4, "rgb(255 255 255 / .45)") },
    soft: { color: token("heat-3"), decal: dots("rgb(15 85 98 / .4)") },
    pale: { color: token("heat-2"), decal: SOLID },
    quiet: { color: token("quiet-line"), decal: lines(0, "rgb(75 88 100 / .45)") },
    act: { color: token("warn-solid"), decal: lines(-Math.PI / 4, "rgb(255 255 255 / .5)") },
    plan: { color: INK, decal: SOLID },
  };

  function read(table) {
    const heads = Array.from(table.tHead.rows[0].cells).slice(1);
    const rows = Array.from(table.tBodies[0].rows);
    const value = (cell) => { const said = cell.textContent.trim(); return /^\d+$/.test(said) ? Number(said) : null; };
    return {
      names: rows.map((row) => row.cells[0].dataset.name),
      series: heads.map((head, at) => ({ name: head.textContent.trim(), look: head.dataset.look, values: rows.map((row) => value(row.cells[at + 1])) })).filter((one) => one.look),
    };
  }

  const text = { color: INK, fontFamily: FONT, fontSize: 12 };
  const tag = { show: true, ...text, backgroundColor: "#fff", padding: [0, 3], borderRadius: 2, lineHeight: 15, formatter: ({ value }) => value || "" };
  const common = () => ({
    animation: false,
    aria: { enabled: true, label: { enabled: false }, decal: { show: true } },
    textStyle: text,
    legend: { top: 0, left: 0, selectedMode: false, icon: "rect", itemWidth: 18, itemHeight: 12, textStyle: text },
    tooltip: { show: false },
  });
  const amounts = { type: "value", minInterval: 1, axisLabel: text, splitLine: { lineStyle: { color: token("line") } } };
  const places = (names) => ({ type: "category", data: names, axisLabel: text, axisTick: { show: false }, axisLine: { lineStyle: { color: token("line-2") } } });
  const bar = (one) => ({ name: one.name, type: "bar", barWidth: 16, data: one.values, itemStyle: { color: LOOKS[one.look].color, decal: LOOKS[one.look].decal, borderColor: token("ink-3"), borderWidth: 1 }, emphasis: { disabled: true } });

  /* Bars to the right, one part after the other, each with its number. */
  function stack(data, top) {
    return { ...across(data, top), series: data.series.map((one) => ({ ...bar(one), stack: "all", label: tag, labelLayout: { hideOverlap: true } })) };
  }
  /* A bar for what is there, and a mark where it should be. */
  function plan(data, top) {
    const [there, planned] = data.series;
    const mark = { name: planned.name, type: "scatter", symbol: "rect", symbolSize: [3, 20], data: planned.values.map((n, at) => [n, at]).filter(([n]) => n !== null), itemStyle: { color: LOOKS.plan.color, decal: SOLID }, emphasis: { disabled: true }, z: 3 };
    return { ...across(data, top), series: [{ ...bar(there), label: { ...tag, position: "insideLeft" } }, mark] };
  }
  function across(data, top) {
    return { ...common(), grid: { left: 4, right: 22, top, bottom: 4, containLabel: true }, xAxis: amounts, yAxis: { ...places(data.names), inverse: true } };
  }
  /* What has been reached as a line with circles, the plan as a dashed one. */
  function course(data, top) {
    const line = (one) => ({
      name: one.name, type: "line", data: one.values, connectNulls: false, emphasis: { disabled: true },
      lineStyle: { color: LOOKS[one.look].color, width: 2, type: one.look === "plan" ? "dashed" : "solid" },
      itemStyle: { color: LOOKS[one.look].color, decal: SOLID }, symbol: one.look === "plan" ? "none" : "circle", symbolSize: 8,
    });
    const legend = { ...common().legend, icon: undefined, itemWidth: 28 };
    return { ...common(), legend, grid: { left: 4, right: 22, top, bottom: 4, containLabel: true }, xAxis: places(data.names), yAxis: amounts, series: data.series.map(line) };
  }
  const KINDS = { stack, plan, course };

  for (const place of document.querySelectorAll("[data-chart]")) {
    const table = document.getElementById(place.dataset.table);
    if (!table || !window.echarts || !KINDS[place.dataset.chart]) continue;
    const data = read(table);
    place.hidden = false;
    const top = place.clientWidth < 420 ? 64 : 44; // narrow legends take two lines
    place.style.height = place.dataset.chart === "course" ? "280px" : `${top + 20 + 26 * data.names.length}px`;
    const chart = window.echarts.init(place, null, { renderer: "canvas" });
    chart.setOption(KINDS[place.dataset.chart](data, top));
    new window.ResizeObserver(() => chart.resize()).observe(place);
  }
})();
