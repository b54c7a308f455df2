// Small helpers to make elements.

export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  return dress(made, attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return dress(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function dress(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export const $ = (id) => document.getElementById(id);

export const ICONS = {
  play: "M7 4.5v15l12-7.5z", stop: "M6 6h12v12H6z", continue: "M5 5v14h3V5zm5 0v14l10-7z",
  dice: "M5 3h14a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zm3 3.5A1.5 1.5 0 1 0 8 9.5a1.5 1.5 0 0 0 0-3zm8 8a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zm-4-4a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z",
  sound: "M4 9v6h4l5 4.5V4.5L8 9zm11.5-.8a5 5 0 0 1 0 7.600l1.200 1.400a7 7 0 0 0 0-10.400zM18 5.300a9.5 9.5 0 0 1 0 13.400l1.300 1.300a11.400 11.400 0 0 0 0-16z",
  learn: "M12 3a7 7 0 0 0-4 12.700V18h8v-2.300A7 7 0 0 0 12 3zM9 19.5V21h6v-1.5z",
  fill: "M3 20V14h4v6zm5.700 0V10h4v10zm5.600 0V4h4v16z", panic: "M12 2 1 21h22zm-1 7h2v6h-2zm0 7.5h2v2h-2z",
};

export function icon(name) {
  return svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: ICONS[name], "fill-rule": "evenodd" }));
}

export function button(text, attributes, onclick, picture) {
  return el("button", { type: "button", ...attributes, onclick }, picture ? icon(picture) : null, text ? el("span", {}, text) : null);
}
