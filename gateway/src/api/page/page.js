import { clock, devices, h, notice, overview, quarantine, STATES, tickets } from './view.js';

const EVERY_MS = 5_000;
/** An answer that takes longer than this counts as no connection. */
const PATIENCE_MS = 10_000;
const ROWS = 200;

const main = document.getElementById('main');
const banner = document.getElementById('banner');
const freshness = document.getElementById('freshness');
const controls = document.getElementById('controls');

let texts = {};
let language = storedLanguage();
let filter = '';
let lastGood = null;
let timer;
let shown = '';
let generation = 0;
const opened = new Set();
/** What device types call their alarms, events and themselves: code → title in both languages. */
const named = new Map();
const askedTypes = new Set();

/** The words for a key; a code of a device type has the type's own, any other stands as it is. */
function t(key, values = {}, fallback = key) {
  const title = named.get(fallback);
  const text = texts[language]?.[key] ?? title?.[language === 'en' ? 'en' : 'zh'] ?? fallback;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

function storedLanguage() {
  const stored = window.localStorage.getItem('cgw.language');
  return stored === 'en' || stored === 'zh-CN' ? stored : 'zh-CN';
}

async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: { 'accept-language': language, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
    credentials: 'same-origin',
    cache: 'no-store',
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const text = await response.text();
  const answer = text === '' ? null : JSON.parse(text);
  if (response.ok) return answer;
  throw Object.assign(new Error(answer?.detail ?? response.statusText), {
    status: response.status,
    code: answer?.code,
  });
}

const get = (path) => call('GET', `/api/v1${path}`);
/** A part this account may not see is left out; everything else is a failure of the whole refresh. */
const allowed = (path) =>
  get(path).catch((error) => {
    if (error.status === 403 && error.code === 'FORBIDDEN') return null;
    throw error;
  });

async function readAll() {
  const faulty = STATES.filter((state) => state !== 'online').join(',');
  const [counts, worst, rest, open, ended, refused] = await Promise.all([
    get('/overview'),
    allowed(`/devices?limit=${ROWS}&healthState=${filter || faulty}`),
    filter ? null : allowed(`/devices?limit=${ROWS}&healthState=online`),
    allowed('/tickets?limit=60&stage=discovered,filed,dispatched,handling,verifying,returned,suspended'),
    allowed('/tickets?limit=20&stage=closed,falseAlarm,cancelled'),
    allowed('/quarantine?limit=30'),
  ]);
  return { counts, worst, rest, open, ended, refused };
}

/** Asks once for each type on the screen; without an answer its codes are shown as they are. */
async function learn(list) {
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

/** Organisations and people by id, asked for again when a ticket names somebody new; a part that may not be seen stays an id. */
const people = new Map();
async function meet(tickets) {
  const ids = tickets.flatMap(({ handlerOrgId, assigneeId }) => [handlerOrgId, assigneeId]).filter(Boolean);
  const strangers = [...new Set(ids)].filter((id) => !people.has(id));
  if (strangers.length === 0) return;
  const lists = await Promise.all(
    ['/orgs?limit=500', '/maintenance-units?limit=500', '/users?limit=500'].map((path) => get(path).catch(() => null)),
  );
  for (const { id, name } of lists.flatMap((list) => list?.items ?? [])) people.set(id, name);
  for (const id of strangers) if (!people.has(id)) people.set(id, id);
}

function draw({ counts, worst, rest, open, ended, refused }) {
  const rank = (device) => STATES.indexOf(device.health.state);
  const list = [...(worst?.items ?? []), ...(rest?.items ?? [])].sort((a, b) => rank(a) - rank(b));
  const total = worst === null ? null : (worst.total ?? 0) + (rest?.total ?? 0);
  const names = new Map([...people, ...list.map((device) => [device.id, device.nickname ?? device.name])]);
  const choose = (state) => {
    filter = state;
    refresh();
  };
  main.replaceChildren(
    overview(counts, t),
    h(
      'div',
      { class: 'columns' },
      worst ? devices(list, total, counts.at, filter, t, choose) : notice(t('devices.title'), t('forbidden')),
      h(
        'div',
        { class: 'side' },
        open
          ? tickets([...open.items, ...(ended?.items ?? [])], counts.at, opened, names, t)
          : notice(t('tickets.title'), t('forbidden')),
        refused ? quarantine(refused.items, counts.at, t) : notice(t('quarantine.title'), t('forbidden')),
      ),
    ),
  );
}

async function refresh() {
  clearTimeout(timer);
  const mine = ++generation;
  try {
    const data = await readAll();
    await Promise.all([
      learn([...(data.worst?.items ?? []), ...(data.rest?.items ?? [])]),
      meet([...(data.open?.items ?? []), ...(data.ended?.items ?? [])]),
    ]);
    if (mine !== generation) return;
    connected(data.counts.at);
    // Drawing only what changed keeps a text selection and the reader's place.
    const fingerprint = JSON.stringify([
      language,
      filter,
      { ...data, counts: { ...data.counts, at: minute(data.counts.at) } },
    ]);
    if (fingerprint !== shown) draw(data);
    shown = fingerprint;
  } catch (error) {
    if (mine !== generation) return;
    if (error.status === 401) return showLogin();
    if (error.code === 'PASSWORD_CHANGE_REQUIRED') return showPasswordChange();
    disconnected();
  }
  timer = setTimeout(refresh, EVERY_MS);
}

const minute = (iso) => iso.slice(0, 16);

function connected(at) {
  lastGood = at;
  banner.hidden = true;
  document.body.classList.remove('lost');
  freshness.textContent = t('freshness', { time: clock(at, at.slice(0, 10)) });
}

function disconnected() {
  const time = lastGood ? clock(lastGood, lastGood.slice(0, 10)) : clock(localIso(), localIso().slice(0, 10));
  banner.textContent = t('disconnected', { time });
  banner.hidden = false;
  document.body.classList.add('lost');
}

function localIso() {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString();
}

function stop() {
  generation += 1;
  clearTimeout(timer);
  shown = '';
  banner.hidden = true;
  freshness.textContent = '';
  document.body.classList.remove('lost');
}

function field(name, label, type, autocomplete) {
  return h('label', {}, label, h('input', { name, type, autocomplete, required: true, maxlength: 128 }));
}

/** A form that says what went wrong in place. */
function form(title, hint, fields, submit, send) {
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
          fault.textContent = t('login.failed', { detail: error.message });
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
  main.replaceChildren(element);
  element.querySelector('input')?.focus();
}

function showLogin() {
  stop();
  drawControls(false);
  form(
    t('login.title'),
    t('login.hint'),
    [
      field('username', t('login.username'), 'text', 'username'),
      field('password', t('login.password'), 'password', 'current-password'),
    ],
    t('login.submit'),
    async (input) => {
      const session = await call('POST', '/api/v1/sessions', input);
      if (session.mustChangePassword) showPasswordChange();
      else enter();
    },
  );
}

function showPasswordChange() {
  stop();
  drawControls(true);
  form(
    t('password.title'),
    t('password.rule'),
    [
      field('currentPassword', t('password.current'), 'password', 'current-password'),
      field('newPassword', t('password.new'), 'password', 'new-password'),
    ],
    t('password.submit'),
    async (input) => {
      await call('POST', '/api/v1/users/me/password', input);
      enter();
    },
  );
}

function enter() {
  drawControls(true);
  main.replaceChildren();
  refresh();
}

let again = () => undefined;
function drawControls(inside) {
  again = inside ? refresh : showLogin;
  controls.replaceChildren(
    h(
      'button',
      {
        type: 'button',
        onclick: () => {
          language = language === 'en' ? 'zh-CN' : 'en';
          window.localStorage.setItem('cgw.language', language);
          applyLanguage();
          drawControls(inside);
          again();
        },
      },
      t('language'),
    ),
    inside
      ? h(
          'button',
          { type: 'button', onclick: () => call('DELETE', '/api/v1/sessions').then(showLogin, disconnected) },
          t('logout'),
        )
      : '',
  );
}

function applyLanguage() {
  document.documentElement.lang = language;
  document.title = t('brand');
  document.getElementById('brand').textContent = t('brand');
}

async function start() {
  texts = await (await fetch('/page/texts.json')).json();
  applyLanguage();
  // Answers with no user to a stranger, so looking costs no error in the console.
  const session = await get('/sessions/current').catch(() => null);
  if (session?.user) enter();
  else showLogin();
}

start();
