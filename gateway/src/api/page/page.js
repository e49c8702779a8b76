import { cameras, forgetPictures } from './cameras.js';
import { STATES } from './codes.js';
import { devices } from './devices.js';
import { h, notice } from './element.js';
import { language, loadTexts, switchLanguage, t } from './language.js';
import { learn, meet, people } from './names.js';
import { overview } from './overview.js';
import { quarantine } from './quarantine.js';
import { allowed, call, get } from './requests.js';
import { showCodes, showLoginForm, showPasswordForm } from './sign-in.js';
import { tickets } from './tickets.js';
import { clock } from './times.js';

const EVERY_MS = 5_000;
const ROWS = 200;
const CAMERAS = 500;

const main = document.getElementById('main');
const banner = document.getElementById('banner');
const freshness = document.getElementById('freshness');
const controls = document.getElementById('controls');

let filter = '';
/** Which part is shown: `overview` or `video`. */
let part = 'overview';
let lastGood = null;
let timer;
let shown = '';
let generation = 0;
const opened = new Set();

async function readAll() {
  if (part === 'video') {
    const [counts, devices] = await Promise.all([get('/overview'), allowed(`/devices?limit=${CAMERAS}`)]);
    return { counts, watched: devices?.items.filter((device) => device.connection !== null) ?? [] };
  }
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

function draw(data) {
  const { counts, worst, rest, open, ended, refused, watched } = data;
  if (watched) return main.replaceChildren(cameras(watched, counts.at, t));
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
    connected(data.counts);
    // Drawing only what changed keeps a text selection and the reader's place.
    const fingerprint = JSON.stringify([
      language,
      part,
      filter,
      { ...data, counts: { ...data.counts, at: minute(data.counts.at) } },
    ]);
    if (fingerprint !== shown) draw(data);
    shown = fingerprint;
  } catch (error) {
    if (mine !== generation) return;
    if (error.status === 401) return showLogin();
    if (error.code === 'PASSWORD_CHANGE_REQUIRED') return showPasswordChange();
    if (error.code === 'SECOND_FACTOR_ENROLMENT_REQUIRED') return showSecurity(true);
    disconnected();
  }
  timer = setTimeout(refresh, EVERY_MS);
}

const minute = (iso) => iso.slice(0, 16);

function connected({ at, judgement }) {
  lastGood = at;
  // Whoever looks at states must know that nobody is judged now.
  const halted = judgement?.paths?.[0];
  banner.hidden = !halted;
  if (halted) banner.textContent = t(`judgement.${halted.state}`, { time: clock(halted.since, at.slice(0, 10)) });
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
  forgetPictures();
  banner.hidden = true;
  freshness.textContent = '';
  document.body.classList.remove('lost');
}

function showLogin() {
  stop();
  drawControls(false);
  showLoginForm(main, (session) => (session.mustChangePassword ? showPasswordChange() : enter()));
}

function showPasswordChange() {
  stop();
  drawControls(true);
  showPasswordForm(main, enter);
}

/** One-time codes; `must` when nothing else is open to this account before. */
function showSecurity(must) {
  stop();
  drawControls(true);
  main.replaceChildren();
  showCodes(main, { must, done: enter }).catch((error) => (error.status === 401 ? showLogin() : disconnected()));
}

function enter() {
  drawControls(true);
  main.replaceChildren();
  refresh();
}

function partButton(name) {
  const choose = () => {
    part = name;
    drawControls(true);
    refresh();
  };
  return h('button', { type: 'button', 'aria-pressed': String(part === name), onclick: choose }, t(`part.${name}`));
}

let again = () => undefined;
function drawControls(inside) {
  again = inside ? refresh : showLogin;
  controls.replaceChildren(
    ...(inside ? ['overview', 'video'].map(partButton) : []),
    h(
      'button',
      {
        type: 'button',
        onclick: () => {
          switchLanguage();
          drawControls(inside);
          again();
        },
      },
      t('language'),
    ),
    inside ? h('button', { type: 'button', onclick: () => showSecurity(false) }, t('security')) : '',
    inside
      ? h(
          'button',
          { type: 'button', onclick: () => call('DELETE', '/api/v1/sessions').then(showLogin, disconnected) },
          t('logout'),
        )
      : '',
  );
}

async function start() {
  await loadTexts();
  // Answers with no user to a stranger, so looking costs no error in the console.
  const session = await get('/sessions/current').catch(() => null);
  if (session?.user) enter();
  else showLogin();
}

start();
