import { h } from './element.js';
import { t } from './language.js';

export function field(name, label, type, autocomplete) {
  return h('label', {}, label, h('input', { name, type, autocomplete, required: true, maxlength: 128 }));
}

/** Shows a form in `place` and answers it; it says what went wrong itself. */
export function form(place, title, hint, fields, submit, send, failed = 'form.failed') {
  const fault = h('p', { class: 'fault', role: 'alert' });
  const button = h('button', { type: 'submit', class: 'primary' }, submit);
  const element = h(
    'form',
    {
      class: 'card login',
      onsubmit: async (event) => {
        event.preventDefault();
        button.disabled = true;
        fault.textContent = '';
        try {
          await send(Object.fromEntries(new FormData(element)));
        } catch (error) {
          fault.textContent = t(failed, { detail: error.message });
        } finally {
          button.disabled = false;
        }
      },
    },
    h('h2', {}, title),
    h('p', { class: 'quiet' }, hint),
    fields,
    fault,
    button,
  );
  place.replaceChildren(element);
  element.querySelector('input')?.focus();
  return element;
}
