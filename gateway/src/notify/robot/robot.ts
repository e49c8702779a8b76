import Type from 'typebox';
import type { Contact } from '../../domain/notification-rows.ts';
import { byStatus, type CheckTarget, exchange, isAnswer, printable } from '../../outbound.ts';
import type { OutgoingMessage, SendOptions, SendResult } from '../channel.ts';

/** What the group robots (群机器人) of the chat platforms have in common. */
export interface RobotDeps {
  readonly checkTarget: CheckTarget;
  readonly clock: { now(): number; monotonic(): number };
}

const BASE_URL = '^https?://[^\\s/@?#]+(/[^\\s?#]*)?$';

/** `fallback` is the public platform; a private one (政务微信) stands under another address. */
export const robotFields = (fallback: string) => ({
  baseUrl: Type.Optional(
    Type.String({ pattern: BASE_URL, maxLength: 500, default: fallback, description: 'Address of the platform' }),
  ),
  keyword: Type.Optional(
    Type.String({ minLength: 1, maxLength: 20, description: 'Put before every message, where the robot asks for one' }),
  ),
  members: Type.Optional(
    Type.Record(Type.String({ minLength: 1, maxLength: 64 }), Type.String({ pattern: '^[A-Za-z0-9_@.+-]{1,128}$' }), {
      maxProperties: 500,
      description: 'User name here → id on the platform, to call people out by name',
    }),
  ),
});

export const ROBOT_TIMEOUT_MS = 10_000;

/** The address part of a secret, and the signing secret after a blank where there is one. */
export function keysOf(secret: string | null): { readonly key: string; readonly signing: string | null } {
  const [key = '', signing = ''] = (secret ?? '').trim().split(/\s+/);
  return { key, signing: signing === '' ? null : signing };
}

/** An answer of a platform: HTTP 200 whatever happened, the truth in a code of the body. */
export interface Verdict {
  readonly code: number;
  readonly message: string;
}

export interface Judge {
  /** Codes and how long to keep still, in milliseconds. */
  readonly throttled: Readonly<Record<number, number>>;
  /** Codes that no repetition cures: a wrong key, a wrong signature, a message that is refused. */
  readonly permanent: ReadonlySet<number>;
  /** For codes that mean both. */
  readonly look?: (verdict: Verdict) => SendResult | undefined;
}

export async function post(
  url: URL,
  body: unknown,
  read: (answer: Readonly<Record<string, unknown>>) => Verdict | undefined,
  judge: Judge,
  deps: RobotDeps,
  options: SendOptions,
): Promise<SendResult> {
  const answer = await exchange(
    {
      url,
      headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'chengyun-gateway' },
      body: JSON.stringify(body),
      timeout: ROBOT_TIMEOUT_MS,
      statusIsEnough: false,
    },
    deps,
    options,
  );
  if (!isAnswer(answer)) return answer;
  if (answer.status !== 200) return byStatus(answer);
  const verdict = read(objectOf(answer.body));
  // A captive portal or a proxy answers 200 too.
  if (!verdict) return { outcome: 'retry', detail: `no answer of the platform: ${printable(answer.body)}` };
  if (verdict.code === 0) return { outcome: 'sent', detail: 'ok' };
  const detail = printable(`${verdict.code} ${verdict.message}`);
  const pause = judge.throttled[verdict.code];
  if (pause !== undefined) return { outcome: 'retry', detail, retryAfter: pause, throttled: true };
  const looked = judge.look?.(verdict);
  if (looked) return looked;
  return { outcome: judge.permanent.has(verdict.code) ? 'permanent' : 'retry', detail };
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // Not JSON: the caller sees that no code is in it.
    return {};
  }
}

export function verdictOf(code: unknown, message: unknown): Verdict | undefined {
  return typeof code === 'number' ? { code, message: typeof message === 'string' ? message : '' } : undefined;
}

/** Names and places are other people's words: nothing in them may become a link or call out a whole group. */
export function harmless(text: string): string {
  return text.replace(/[<>[\]`]/g, (sign) => HARMLESS[sign] ?? sign);
}

const HARMLESS: Readonly<Record<string, string>> = { '<': '＜', '>': '＞', '[': '［', ']': '］', '`': '＇' };

/** What stands below the title. */
export function bodyOf({ title, text }: OutgoingMessage): string {
  return text.startsWith(title) ? text.slice(title.length).replace(/^\n/, '') : text;
}

export function idsOf(
  mentions: readonly Contact[] | undefined,
  members: Readonly<Record<string, string>> | undefined,
  otherwise: (contact: Contact) => string | null,
): string[] {
  const ids = (mentions ?? []).map((contact) => members?.[contact.username] ?? otherwise(contact));
  return ids.filter((id): id is string => id !== null && /^[A-Za-z0-9_@.+-]{1,128}$/.test(id));
}

/** Sets a parameter of the path's own, whatever the base address ends with. */
export function under(base: string, path: string): URL {
  return new URL(base.replace(/\/+$/, '') + path);
}
