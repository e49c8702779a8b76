import { isIP } from 'node:net';
import Type, { type Static } from 'typebox';
import { describe, noTarget, type PinnedAddress, printable } from '../../outbound.ts';
import type { Channel, OutgoingMessage, SendResult } from '../channel.ts';

const Address = Type.String({ pattern: '^[^\\s@<>",;:\\r\\n]{1,64}@[A-Za-z0-9.-]{1,190}$', maxLength: 254 });

export const SmtpConfig = Type.Object(
  {
    host: Type.String({ pattern: '^[A-Za-z0-9.:-]{1,253}$', description: 'Mail server' }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 465 }),
    security: Type.Union([Type.Literal('tls'), Type.Literal('startTls'), Type.Literal('none')], {
      default: 'tls',
      description: '`tls` from the first byte, `startTls` demanded, or none; a login is never sent without TLS',
    }),
    user: Type.Optional(
      Type.String({ minLength: 1, maxLength: 254, description: 'Login name; the password is the secret' }),
    ),
    from: Address,
    to: Type.Array(Address, { minItems: 1, maxItems: 50 }),
    /** A copy to who handles the ticket, where a mail address is known. */
    copyToAssignee: Type.Optional(Type.Boolean({ default: false })),
    /** PEM of an own certification authority. */
    ca: Type.Optional(Type.String({ maxLength: 20_000, pattern: '^-----BEGIN CERTIFICATE-----' })),
  },
  { additionalProperties: false },
);
export type SmtpConfig = Static<typeof SmtpConfig>;

export interface SmtpDeps {
  readonly clock: { now(): number };
  /** Judges host and port; rejects with `kind: 'notAllowed'`. */
  readonly resolve: (host: string, port: number) => Promise<readonly PinnedAddress[]>;
}

const TIMEOUT_MS = 10_000;

/** Mail. Every message has an id made from its key, so that a repetition can be told. */
export function createSmtp({ clock, resolve }: SmtpDeps): Channel<typeof SmtpConfig> {
  return {
    name: 'smtp',
    config: SmtpConfig,
    secretGoesTo: ({ host, user }) => (user === undefined ? null : host.toLowerCase()),
    limits: { perMinute: 30, reserved: 8, spacing: 0, textBytes: 100_000 },
    async send(message, config, options) {
      if (config.user && config.security === 'none') return { outcome: 'permanent', detail: 'a login needs TLS' };
      const target = await targetOf(config, resolve);
      if ('outcome' in target) return target;
      const within = Math.min(TIMEOUT_MS, options.deadline - clock.now());
      if (within <= 0) return { outcome: 'retry', detail: 'no time left' };
      // Many a gateway sends no mail: only a message loads what speaks SMTP.
      const { createTransport } = await import('nodemailer');
      const transport = createTransport(settingsOf(config, target, options.secret, within));
      const signal = AbortSignal.any([options.signal, AbortSignal.timeout(within)]);
      const sending = transport.sendMail(mailOf(message, config, clock.now()));
      try {
        await Promise.race([sending, aborted(signal)]);
        return { outcome: 'sent', detail: 'ok' };
      } catch (error) {
        return signal.aborted ? { outcome: 'retry', detail: 'timeout' } : judge(error);
      } finally {
        // A try that was given up still ends by itself; its end is nobody's business any more.
        sending.catch(() => undefined);
        transport.close();
      }
    },
  };
}

async function targetOf({ host, port }: SmtpConfig, resolve: SmtpDeps['resolve']): Promise<PinnedAddress | SendResult> {
  try {
    const [target] = await resolve(host, port);
    return target ?? { outcome: 'retry', detail: 'the name has no address' };
  } catch (error) {
    return noTarget(error);
  }
}

function settingsOf(config: SmtpConfig, target: PinnedAddress, secret: string | null, within: number) {
  return {
    // Only the address that was judged is dialled; the certificate is checked for the name.
    host: target.address,
    port: config.port,
    secure: config.security === 'tls',
    requireTLS: config.security === 'startTls',
    ignoreTLS: config.security === 'none',
    tls: {
      ...(isIP(config.host) === 0 ? { servername: config.host } : {}),
      minVersion: 'TLSv1.2' as const,
      ...(config.ca ? { ca: config.ca } : {}),
    },
    ...(config.user && secret ? { auth: { user: config.user, pass: secret } } : {}),
    connectionTimeout: within,
    greetingTimeout: within,
    socketTimeout: within,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function mailOf(message: OutgoingMessage, config: SmtpConfig, now: number) {
  const copies = config.copyToAssignee ? (message.mentions ?? []).flatMap(({ email }) => email ?? []) : [];
  return {
    from: config.from,
    to: [...config.to],
    cc: copies.filter((address) => MAIL.test(address)),
    subject: message.title.replace(/[\r\n]+/g, ' '),
    text: [message.text, ...(message.links ?? []).map(({ text, url }) => `${text}\n${url}`)].join('\n\n'),
    messageId: `<${encodeURIComponent(message.key)}@chengyun-gateway>`,
    date: new Date(now),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Cgw-Key': encodeURIComponent(message.key) },
  };
}

const MAIL = /^[^\s@<>",;:]{1,64}@[A-Za-z0-9.-]{1,190}$/;

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(new Error('timeout'));
    signal.addEventListener('abort', () => reject(new Error('timeout')), { once: true });
  });
}

/** 4xx speaks of the moment, 5xx of the message; a wrong login too is for a person to mend. */
function judge(error: unknown): SendResult {
  const { responseCode, response, code } = error as { responseCode?: unknown; response?: unknown; code?: unknown };
  const detail = printable(typeof response === 'string' && response !== '' ? response : describe(error));
  if (typeof responseCode === 'number') {
    if (responseCode >= 500) return { outcome: 'permanent', detail };
    // 421 and 450/451/452: not now, and not for anybody.
    const busy = responseCode === 421 || responseCode === 451 || responseCode === 452;
    return { outcome: 'retry', detail, ...(busy ? { retryAfter: 60_000, throttled: true } : {}) };
  }
  // Without a reply code: the connection, the certificate, or a server without TLS.
  return { outcome: code === 'ENOAUTH' || code === 'EENVELOPE' ? 'permanent' : 'retry', detail };
}
