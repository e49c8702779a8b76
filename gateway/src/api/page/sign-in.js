import { h } from './element.js';
import { field, form } from './form.js';
import { t } from './language.js';
import { call, get } from './requests.js';

const API = '/api/v1';

/** The login: password, the code of the authenticator when one is asked for, single sign-on where it is set up. */
export function showLoginForm(place, done) {
  const code = codeField(false);
  const element = form(
    place,
    t('login.title'),
    t('login.hint'),
    [
      field('username', t('login.username'), 'text', 'username'),
      field('password', t('login.password'), 'password', 'current-password'),
      code,
    ],
    t('login.submit'),
    async ({ code: typed, ...input }) => {
      try {
        done(await call('POST', `${API}/sessions`, typed ? { ...input, code: typed } : input));
      } catch (error) {
        if (error.code !== 'SECOND_FACTOR_REQUIRED') throw error;
        const first = code.hidden;
        code.hidden = false;
        const box = code.querySelector('input');
        box.required = true;
        box.value = '';
        box.focus();
        if (!first) throw error;
      }
    },
    'login.failed',
  );
  const refused = /^#sign-in=([A-Z_]{3,40})$/.exec(window.location.hash)?.[1];
  if (refused) {
    element.querySelector('.fault').textContent = t(`sso.${refused}`, {}, t('sso.failed'));
    window.history.replaceState(null, '', '/');
  }
  addWays(element);
}

/** Links, not requests: the browser has to go to the provider itself. */
async function addWays(element) {
  const methods = await get('/sessions/methods').catch(() => null);
  const ways = ['oidc', 'wecom'].filter((way) => methods?.[way]);
  if (ways.length === 0 || !element.isConnected) return;
  element.append(
    h(
      'div',
      { class: 'ways' },
      h('p', { class: 'quiet' }, t('sso.or')),
      ways.map((way) => h('a', { class: 'way', href: `${API}/sessions/${way}` }, t(`sso.${way}`))),
    ),
  );
}

function codeField(shown) {
  const label = h(
    'label',
    {},
    t('code.label'),
    h('input', {
      name: 'code',
      type: 'text',
      autocomplete: 'one-time-code',
      maxlength: 20,
      required: shown,
      autocapitalize: 'off',
      spellcheck: 'false',
    }),
  );
  label.hidden = !shown;
  return label;
}

/** A new password, at the first login and when the old one is too old. */
export function showPasswordForm(place, done) {
  form(
    place,
    t('password.title'),
    t('password.rule'),
    [
      field('currentPassword', t('password.current'), 'password', 'current-password'),
      field('newPassword', t('password.new'), 'password', 'new-password'),
    ],
    t('password.submit'),
    async (input) => {
      await call('POST', `${API}/users/me/password`, input);
      done();
    },
  );
}

/** One-time codes of the own account: set up when there are none, else how to end them. */
export async function showCodes(place, { must, done }) {
  const state = await get('/users/me/totp');
  if (state.enabled) return showEnd(place, state, done);
  const key = await call('POST', `${API}/users/me/totp`);
  const fields = [
    h('img', { class: 'qr', src: key.qr, alt: t('code.qr'), width: 200, height: 200 }),
    h('p', { class: 'quiet' }, t('code.manual'), ' ', h('code', {}, key.secret)),
    codeField(true),
  ];
  const element = form(
    place,
    t('code.title'),
    t(must ? 'code.must' : 'code.hint'),
    fields,
    t('code.confirm'),
    async (input) => {
      const { recoveryCodes } = await call('POST', `${API}/users/me/totp/confirm`, input);
      showRecoveryCodes(place, recoveryCodes, done);
    },
  );
  if (!must) element.append(back(done));
}

function showRecoveryCodes(place, codes, done) {
  place.replaceChildren(
    h(
      'section',
      { class: 'card login' },
      h('h2', {}, t('recovery.title')),
      h('p', { class: 'quiet' }, t('recovery.hint')),
      h('pre', { class: 'codes' }, codes.join('\n')),
      h('button', { type: 'button', class: 'primary', onclick: done }, t('recovery.kept')),
    ),
  );
}

function showEnd(place, state, done) {
  const element = form(
    place,
    t('code.title'),
    t('code.enabled', { n: state.recoveryCodesLeft }),
    [field('password', t('login.password'), 'password', 'current-password'), codeField(true)],
    t('code.disable'),
    async (input) => {
      await call('POST', `${API}/users/me/totp/disable`, input);
      done();
    },
  );
  element.append(back(done));
}

const back = (done) => h('button', { type: 'button', onclick: done }, t('code.back'));
