import { createHash } from 'node:crypto';
import { type Language, text } from '../messages/index.ts';
import type { LinkView } from './ports/notifications.ts';

const STYLE = `body{margin:0;font:17px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;color:#1b2733;background:#f3f5f7}
main{max-width:34rem;margin:0 auto;padding:1.2rem}
article{background:#fff;border:1px solid #dfe5ea;border-radius:8px;padding:1rem;white-space:pre-line}
h1{font-size:1.2rem}label{display:block;margin:1rem 0 .3rem}
input{box-sizing:border-box;width:100%;font:inherit;padding:.6rem;border:1px solid #8a97a3;border-radius:6px}
button{width:100%;margin-top:1rem;padding:.9rem;font:inherit;font-weight:600;color:#fff;background:#c0392b;border:0;border-radius:6px}
.done{font-weight:600;color:#2e8b57}`;

const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;

/** The page behind a link in a message: what it is about, and a button. Without scripts, for any phone. */
export function acknowledgePage(
  view: LinkView,
  language: Language,
  timeZone: string,
): { readonly html: string; readonly policy: string } {
  const say = (key: Parameters<typeof text>[1], values = {}) => escaped(text(language, key, values));
  const about = view.text === null ? '' : `<article>${escaped(view.text)}</article>`;
  const form = `<p>${say('acknowledge.ask')}</p><form method="post"><label for="name">${say('acknowledge.name')}</label>
<input id="name" name="name" maxlength="40" autocomplete="name"><button>${say('acknowledge.button')}</button></form>`;
  const words = {
    open: form,
    done:
      view.by === null || view.at === null
        ? `<p class="done">${say('acknowledge.over')}</p>`
        : `<p class="done">${say('acknowledge.done', { by: view.by.replace(/^[a-z]+:/, ''), at: timeText(view.at, language, timeZone) })}</p>`,
    expired: `<p>${say('acknowledge.expired')}</p>`,
    invalid: `<p>${say('acknowledge.invalid')}</p>`,
  }[view.state];
  const title = say('acknowledge.title');
  // With no-referrer a browser sends no origin with the form, and the form would count as a foreign one.
  const html = `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="same-origin">
<meta name="robots" content="noindex"><style>${STYLE}</style></head>
<body><main><h1>${title}</h1>${about}${words}</main></body></html>`;
  return { html, policy: POLICY };
}

function timeText(at: number, language: Language, timeZone: string): string {
  return new Intl.DateTimeFormat(language === 'zh-CN' ? 'zh-CN' : 'en-GB', {
    ...{ timeZone, dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' },
  }).format(at);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(words: string): string {
  return words.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}
