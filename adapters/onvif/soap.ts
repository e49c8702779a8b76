import { createHash, randomBytes } from 'node:crypto';
import type { Login } from '../auth.ts';

/** Stands in a request where the login belongs; the libraries never see a password. */
export const LOGIN_MARK = '<cgw-login/>';

/** Text that means itself inside XML. Non-ASCII goes as character references: node-onvif refuses it in tokens otherwise. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']|[^\x20-\x7e]/gu, (char) => `&#${char.codePointAt(0)};`);
}

/** WS-UsernameToken with a password digest, made at `at` of the camera's own clock (epoch milliseconds). */
export function loginHeader({ username, password }: Login, at: number, nonce = randomBytes(16)): string {
  const created = new Date(at).toISOString();
  const digest = createHash('sha1').update(nonce).update(created, 'utf8').update(password, 'utf8').digest('base64');
  const oasis = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss';
  return (
    `<Security s:mustUnderstand="1" xmlns="${oasis}-wssecurity-secext-1.0.xsd"><UsernameToken>` +
    `<Username>${escapeXml(username)}</Username>` +
    `<Password Type="${oasis}-username-token-profile-1.0#PasswordDigest">${digest}</Password>` +
    `<Nonce EncodingType="${oasis}-soap-message-security-1.0#Base64Binary">${nonce.toString('base64')}</Nonce>` +
    `<Created xmlns="${oasis}-wssecurity-utility-1.0.xsd">${created}</Created></UsernameToken></Security>`
  );
}

const MAX_DEPTH = 64;
const MAX_ELEMENTS = 20_000;

/**
 * Why this is nothing to hand to a parser, or undefined. One linear look: a document type (entity bombs; SOAP forbids
 * it), nesting or a number of elements no camera needs.
 */
export function unfitXml(xml: string): string | undefined {
  let depth = 0;
  let elements = 0;
  for (let at = xml.indexOf('<'); at !== -1; at = xml.indexOf('<', at)) {
    const skipped = skipMarkup(xml, at);
    if (skipped === 'doctype') return 'the answer declares a document type';
    if (skipped !== undefined) {
      at = skipped;
      continue;
    }
    const end = endOfTag(xml, at);
    if (end === -1) return 'the answer breaks off';
    if (xml[at + 1] === '/') depth -= 1;
    else {
      elements += 1;
      if (xml[end - 1] !== '/') depth += 1;
    }
    if (depth > MAX_DEPTH) return `the answer nests deeper than ${MAX_DEPTH} elements`;
    if (elements > MAX_ELEMENTS) return `the answer has more than ${MAX_ELEMENTS} elements`;
    at = end;
  }
  return elements === 0 ? 'the answer is no XML' : undefined;
}

/** Position behind a comment, CDATA section or processing instruction; undefined for a tag. */
function skipMarkup(xml: string, at: number): number | 'doctype' | undefined {
  const closer = xml.startsWith('<!--', at)
    ? '-->'
    : xml.startsWith('<![CDATA[', at)
      ? ']]>'
      : xml[at + 1] === '?'
        ? '?>'
        : undefined;
  if (closer === undefined) return xml[at + 1] === '!' ? 'doctype' : undefined;
  const end = xml.indexOf(closer, at + 2);
  return end === -1 ? xml.length : end + closer.length;
}

/** A `>` inside a quoted attribute ends nothing. */
function endOfTag(xml: string, at: number): number {
  let quote = '';
  for (let i = at + 1; i < xml.length; i += 1) {
    const char = xml[i] ?? '';
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '>') return i;
  }
  return -1;
}

/** The text of an answer; cameras name GB 2312 or GB 18030 in the header or in the XML declaration. */
export function decodeText(body: Uint8Array, contentType = ''): string {
  const head = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, 200)).toString('latin1');
  const named =
    /^\s*<\?xml[^>]*\bencoding=["']([\w-]+)["']/.exec(head)?.[1] ??
    /charset=["']?([\w-]+)/i.exec(contentType)?.[1] ??
    'utf-8';
  try {
    return new TextDecoder(named).decode(body);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return new TextDecoder().decode(body);
  }
}

/** Whether an answer refuses the login: a fault of ONVIF or WS-Security, or a bare 401 or 403. */
export function refusesLogin(status: number, xml: string): boolean {
  if (status === 401 || status === 403) return true;
  const head = xml.slice(0, 16_384);
  return (
    /[:<]Fault\b/.test(head) &&
    /NotAuthorized|FailedAuthentication|FailedCheck|InvalidSecurity|not authorized|Unauthori[sz]ed/i.test(head)
  );
}
