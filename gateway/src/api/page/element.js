/** Makes an element. Children that are text become text nodes, so nothing a device says is ever read as markup. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** A section the account has no right to, or that could not be read. */
export function notice(title, words) {
  return h('section', { class: 'panel' }, h('h2', {}, title), h('p', { class: 'empty' }, words));
}
