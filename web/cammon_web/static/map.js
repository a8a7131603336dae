/* The map's zoom: viewBox only. Markers, names, hatching and the scale bar keep their size on the screen. */
(function () {
  "use strict";
  const MOST = 40;
  let kept = null; /* what is shown, kept when the page renews the map */
  let watcher = null;

  function start() {
    const figure = document.getElementById("map-figure");
    if (!figure || figure.dataset.ready) return;
    figure.dataset.ready = "1";
    const svg = figure.querySelector("svg.sitemap");
    const box = svg.viewBox.baseVal;
    const all = { x: 0, y: 0, w: box.width, h: box.height };
    let view = kept || { ...all };

    /* The view has the shape of its box on the screen; the whole site may leave ground beside it. */
    function show(next) {
      const shape = svg.clientHeight && svg.clientWidth ? svg.clientHeight / svg.clientWidth : all.h / all.w;
      const widest = Math.max(all.w, all.h / shape);
      const w = Math.min(widest, Math.max(all.w / MOST, next.w)), h = w * shape;
      view = { w, h, x: within(next.x, w, all.w), y: within(next.y + (next.h - h) / 2, h, all.h) };
      kept = w < widest ? view : null;
      svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.w} ${view.h}`);
      keepSizes();
    }

    function within(start, length, whole) {
      return length >= whole ? (whole - length) / 2 : Math.min(whole - length, Math.max(0, start));
    }

    function keepSizes() {
      const unit = view.w / (svg.clientWidth || 1);
      svg.querySelectorAll(".fixed").forEach((node) => node.setAttribute("transform", `scale(${unit})`));
      svg.querySelectorAll(".fixed-pattern").forEach(
        (node) => node.setAttribute("patternTransform", `scale(${unit}) rotate(45)`));
      svg.classList.toggle("is-zoomed", view.w < all.w / 2);
      drawBar(unit);
      svg.querySelector(".north").setAttribute(
        "transform", `translate(${view.x + view.w - 22 * unit} ${view.y + 30 * unit})`);
    }

    function drawBar(unit) {
      const most = view.w / 4, decade = 10 ** Math.floor(Math.log10(most));
      const metres = [5, 2, 1].map((step) => step * decade).find((length) => length <= most);
      const bar = svg.querySelector(".bar");
      bar.dataset.metres = metres;
      bar.setAttribute("transform", `translate(${view.x + 14 * unit} ${view.y + view.h - 12 * unit})`);
      bar.querySelector("path").setAttribute("d", `M0 ${-6 * unit}V0H${metres}V${-6 * unit}`);
      bar.querySelector("text").textContent = svg.dataset.metres.replace("{metres}", metres);
    }

    function zoom(factor, px = view.x + view.w / 2, py = view.y + view.h / 2) {
      const by = Math.max(all.w / MOST, view.w * factor) / view.w;
      show({ w: view.w * by, h: view.h * by, x: px - (px - view.x) * by, y: py - (py - view.y) * by });
    }

    function move(dx, dy) { show({ ...view, x: view.x + dx * view.w, y: view.y + dy * view.h }); }

    const keys = {
      "+": () => zoom(0.7), "=": () => zoom(0.7), "-": () => zoom(1 / 0.7), "0": () => show(all),
      ArrowLeft: () => move(-0.15, 0), ArrowRight: () => move(0.15, 0),
      ArrowUp: () => move(0, -0.15), ArrowDown: () => move(0, 0.15),
    };
    svg.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || !keys[event.key]) return;
      event.preventDefault();
      keys[event.key]();
    });
    svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && document.activeElement !== svg) return; /* the page scrolls unless the map was chosen */
      event.preventDefault();
      const here = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      zoom(event.deltaY < 0 ? 0.8 : 1.25, here.x, here.y);
    }, { passive: false });

    let held = null;
    svg.addEventListener("pointerdown", (event) => { held = { x: event.clientX, y: event.clientY, moved: false }; });
    svg.addEventListener("pointermove", (event) => {
      if (!held || !kept) return;
      const dx = event.clientX - held.x, dy = event.clientY - held.y;
      if (!held.moved && Math.hypot(dx, dy) < 5) return;
      held = { x: event.clientX, y: event.clientY, moved: true };
      move(-dx / svg.clientWidth, -dy / svg.clientHeight);
    });
    svg.addEventListener("pointerleave", () => { held = null; });
    svg.addEventListener("click", (event) => {
      if (held && held.moved) event.preventDefault();
      held = null;
    }, true);
    svg.addEventListener("dragstart", (event) => event.preventDefault());

    const does = { in: () => zoom(0.7), out: () => zoom(1 / 0.7), all: () => show(all) };
    figure.querySelector(".map-tools").hidden = false;
    figure.querySelectorAll("[data-zoom]").forEach(
      (button) => button.addEventListener("click", does[button.dataset.zoom]));
    if (watcher) watcher.disconnect();
    watcher = new ResizeObserver(() => show(view));
    watcher.observe(svg);
    show(view);
  }

  document.addEventListener("cammon:renewed", start);
  start();
})();
