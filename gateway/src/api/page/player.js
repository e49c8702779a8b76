import { h } from './element.js';
import { language, t } from './language.js';
import { watch } from './live-view.js';
import { nowLike } from './times.js';

/** Words that repeat over the picture, so that a photograph of any part of it says who took it. */
const MARKS = 6;
/** Ends after which the same person may go on without being asked again. */
const REOPENS = new Set(['expired', 'idle', 'masksChanged']);

/** Asks for the purpose, then plays until it is closed or the page is hidden. */
export function openPlayer(camera) {
  const name = camera.nickname ?? camera.name;
  const body = h('div', { class: 'player-body' });
  const dialog = h(
    'dialog',
    { class: 'player', 'aria-label': name },
    h(
      'header',
      {},
      h('b', {}, name),
      h('button', { type: 'button', class: 'close', onclick: () => dialog.close() }, t('video.close')),
    ),
    body,
  );
  let end = () => undefined;
  dialog.addEventListener('close', () => {
    end();
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
  askPurpose(body, (purpose) => {
    end = play(camera, purpose, body);
  });
}

function askPurpose(place, go) {
  const input = h('input', { name: 'purpose', required: true, minlength: 2, maxlength: 200, list: 'purposes' });
  const usual = ['patrol', 'incident', 'repair', 'evidence'].map((key) => h('option', { value: t(`purpose.${key}`) }));
  place.replaceChildren(
    h(
      'form',
      {
        class: 'purpose',
        onsubmit: (event) => {
          event.preventDefault();
          go(input.value);
        },
      },
      h('label', {}, t('video.purpose'), input),
      h('datalist', { id: 'purposes' }, usual),
      h('p', { class: 'quiet' }, t('video.logged')),
      h('button', { type: 'submit', class: 'primary' }, t('video.play')),
    ),
  );
  input.focus();
}

function play(camera, purpose, body) {
  const screen = h('div', { class: 'screen' });
  const why = h('p', { class: 'live-why quiet' });
  const state = h('p', { class: 'live-state', role: 'status' });
  const marks = Array.from({ length: MARKS }, () => h('span'));
  const stage = h('div', { class: 'live-stage' }, screen, h('div', { class: 'marks', 'aria-hidden': true }, marks));
  body.replaceChildren(
    stage,
    why,
    state,
    h('button', { type: 'button', onclick: () => stage.requestFullscreen() }, t('video.fullscreen')),
  );
  let close = () => undefined;
  let closed = false;
  let starting = false;
  let who = '';
  let zone = '';

  const tick = setInterval(() => {
    for (const mark of marks) mark.textContent = who === '' ? '' : `${who} ${nowLike(zone)}`;
  }, 1_000);

  const tell = (code, info = {}) => {
    if (closed) return;
    if (code === 'opened') {
      who = info.watermark;
      zone = info.expiresAt;
      why.textContent = info.why[language === 'en' ? 'en' : 'zh'];
      body.dataset.mode = info.mode;
      state.textContent = t('video.loading');
    } else if (code === 'playing') state.textContent = '';
    else if (code === 'trouble') state.textContent = info.detail ?? t('video.waiting');
    else if (REOPENS.has(info.ended)) start();
    else state.textContent = info.detail ?? t('video.ended');
    // How it is shown says nothing while nothing is shown.
    why.hidden = code === 'trouble' || code === 'ended';
    body.dataset.state = code;
  };

  async function start() {
    if (starting || closed) return;
    starting = true;
    state.textContent = t('video.loading');
    try {
      const stop = await watch(camera, purpose, screen, tell);
      if (closed || document.hidden) stop();
      else close = stop;
    } catch (error) {
      state.textContent = error.message;
      body.dataset.state = 'refused';
    } finally {
      starting = false;
    }
  }
  /** Nobody looks at a hidden page: the view ends there, and a new one begins when somebody is back. */
  const onVisibility = () => {
    if (document.hidden) close();
    else start();
  };
  const leave = () => close();
  document.addEventListener('visibilitychange', onVisibility);
  window.addEventListener('pagehide', leave);
  start();
  return () => {
    closed = true;
    clearInterval(tick);
    document.removeEventListener('visibilitychange', onVisibility);
    window.removeEventListener('pagehide', leave);
    close();
  };
}
