import { reason } from './devices.js';
import { h } from './element.js';
import { language } from './language.js';
import { openPlayer } from './player.js';
import { clock, dayOf } from './times.js';

/** What was shown of a camera stays while the list around it is drawn anew. */
const places = new Map();
export const forgetPictures = () => places.clear();

/** Every camera with its state; one click shows a picture, another asks for the purpose and plays. */
export function cameras(list, now, t) {
  const today = dayOf(now);
  return h(
    'section',
    { class: 'panel cameras' },
    h('h2', {}, t('video.title')),
    list.length === 0
      ? h('p', { class: 'empty' }, t('video.empty'))
      : h(
          'ul',
          { class: 'camera-list' },
          list.map((camera) => card(camera, today, t)),
        ),
  );
}

function card(camera, today, t) {
  const { state, since, suspect } = camera.health;
  const place = places.get(camera.id) ?? h('figure', { class: 'picture' });
  places.set(camera.id, place);
  return h(
    'li',
    { 'data-camera': camera.id },
    place,
    h('b', {}, camera.nickname ?? camera.name),
    h('small', {}, camera.id),
    h(
      'p',
      {},
      h('span', { class: `tag ${state}` }, t(`health.${state}`), suspect ? h('em', {}, t('health.suspect')) : null),
      h('small', {}, clock(since, today)),
      state === 'online' ? null : h('small', { class: 'why' }, reason(camera.health.reason, t)),
    ),
    h(
      'div',
      { class: 'buttons' },
      h('button', { type: 'button', class: 'primary', onclick: () => openPlayer(camera) }, t('video.play')),
      h('button', { type: 'button', onclick: () => showSnapshot(camera, place, t) }, t('video.snapshot')),
    ),
  );
}

/** A picture with the time it was taken; never one of before without saying so. */
async function showSnapshot(camera, place, t) {
  place.replaceChildren(h('span', { class: 'quiet' }, t('video.loading')));
  try {
    const answer = await fetch(`/api/v1/cameras/${encodeURIComponent(camera.id)}/snapshot.jpg`, {
      credentials: 'same-origin',
      cache: 'no-store',
      headers: { 'accept-language': language },
      signal: AbortSignal.timeout(30_000),
    });
    if (!answer.ok) throw new Error((await answer.json()).detail ?? answer.statusText);
    const image = h('img', { alt: camera.name, src: await dataUrl(await answer.blob()) });
    const taken = (answer.headers.get('x-captured-at') ?? '').slice(0, 19).replace('T', ' ');
    place.replaceChildren(image, h('figcaption', {}, t('video.taken', { time: taken })));
  } catch (error) {
    place.replaceChildren(h('span', { class: 'fault' }, error.message));
  }
}

/** The page's policy lets pictures come from this server and from `data:` only. */
function dataUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
