import { named } from './language.js';
import { get } from './requests.js';

const askedTypes = new Set();
/** Organisations and people by id. */
export const people = new Map();

/** Asks once for each type on the screen; without an answer its codes are shown as they are. */
export async function learn(list) {
  const fresh = [...new Set(list.map((device) => device.type))].filter((type) => !askedTypes.has(type));
  for (const type of fresh) askedTypes.add(type);
  const answers = await Promise.all(
    fresh.map((type) => get(`/device-types/${encodeURIComponent(type)}`).catch(() => null)),
  );
  for (const answer of answers.filter(Boolean)) {
    named.set(answer.id, answer.title);
    const { alarms = {}, events = {} } = answer.definition;
    for (const [code, { title }] of Object.entries({ ...events, ...alarms }))
      if (title) named.set(code, { en: code, ...title });
  }
}

/** Asked for again when a ticket names somebody new; a part that may not be seen stays an id. */
export async function meet(tickets) {
  const ids = tickets.flatMap(({ handlerOrgId, assigneeId }) => [handlerOrgId, assigneeId]).filter(Boolean);
  const strangers = [...new Set(ids)].filter((id) => !people.has(id));
  if (strangers.length === 0) return;
  const lists = await Promise.all(
    ['/orgs?limit=500', '/maintenance-units?limit=500', '/users?limit=500'].map((path) => get(path).catch(() => null)),
  );
  for (const { id, name } of lists.flatMap((list) => list?.items ?? [])) people.set(id, name);
  for (const id of strangers) if (!people.has(id)) people.set(id, id);
}
