import { onvifAdapter, parseConfig } from '../../adapters/index.ts';
import { rtspAdapter } from '../../adapters/rtsp/adapter.ts';
import { RTSP_DEFAULTS } from '../../adapters/rtsp/config.ts';
import { type Language, type MessageKey, text } from '../../gateway/src/messages/index.ts';
import { type Findings, findOut } from '../../gateway/src/probing/findings.ts';
import { askingContext } from './adapter-context.ts';

/** From here on the gateway itself would report the clock. */
const CLOCK_OFF_MS = 60_000;

/** `onvif://[user:password@]host[:port]`, `onvifs://…` over https; undefined when it is neither. */
export function parseOnvifUrl(address: string) {
  const match = /^(onvifs?):(\/\/.*)$/i.exec(address.trim());
  const url = match && URL.parse(`http:${match[2]}`);
  if (!url || url.hostname === '') return undefined;
  const tls = match?.[1]?.toLowerCase() === 'onvifs';
  // The URL parser drops :80 as the default of http, which it is not behind onvifs.
  const port = /:(\d+)$/.exec((match?.[2] ?? '').replace(/^\/\/(?:[^/?#]*@)?([^/?#]*).*$/, '$1'))?.[1];
  return {
    protocol: 'onvif' as const,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    tls,
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(url.username === '' ? {} : { username: decode(url.username) }),
    ...(url.password === '' ? {} : { password: decode(url.password) }),
  };
}

/** Everything ONVIF tells of one camera, and whether each of its streams can be had. */
export async function probeOnvif(
  address: NonNullable<ReturnType<typeof parseOnvifUrl>>,
  {
    allow,
    deadlineMs = 10_000,
    language = 'zh-CN',
  }: { allow?: string | undefined; deadlineMs?: number; language?: Language },
): Promise<{ readonly ok: boolean; readonly findings: Findings; readonly lines: readonly string[] }> {
  const allowedTargets = allow ? { allowedTargets: allow.split(',').map((one) => one.trim()) } : {};
  const onvif = onvifAdapter.create(parseConfig(onvifAdapter, allowedTargets), askingContext);
  const rtsp = rtspAdapter.create({ ...RTSP_DEFAULTS, ...allowedTargets }, askingContext);
  const started = performance.now();
  try {
    const { signal } = new AbortController();
    const parts = { onvif: onvif.client, rtsp: rtsp.probe };
    const findings = await findOut(parts, address, { deadline: deadlineMs, signal });
    const ms = Math.round(performance.now() - started);
    const { host, port, tls } = address;
    const shown = `${tls ? 'onvifs' : 'onvif'}://${host.includes(':') ? `[${host}]` : host}${port === undefined ? '' : `:${port}`}`;
    return { ok: findings.ok, findings, lines: screen(shown, findings, ms, language, tls) };
  } finally {
    await Promise.all([onvif.stop(), rtsp.stop()]);
  }
}

function screen(target: string, found: Findings, ms: number, language: Language, tls: boolean): string[] {
  const say = (key: MessageKey, values: Record<string, string | number> = {}) => text(language, key, values);
  const line = (key: MessageKey, value: string | number) => say(key, { value });
  const lines = [
    line('probe.line.target', target),
    line('probe.line.result', say(`probe.${found.reason}`)),
    line('probe.line.reason', found.reason),
  ];
  if (found.detail !== '') lines.push(line('probe.line.detail', found.detail));
  if (found.answeredBy !== null) {
    const device = [found.manufacturer, found.model, found.firmware, found.serial].filter((part) => part !== null);
    lines.push(line('probe.line.device', device.join(' · ') || say('probe.notTold')));
    for (const stream of found.streams) {
      const size = stream.width === null ? '' : `${stream.width}×${stream.height}`;
      const parts = [
        stream.codec,
        size,
        stream.fps === null ? '' : `${stream.fps} fps`,
        stream.uri ?? '',
        stream.note === null ? '' : say(`probe.note.${stream.note}`),
        say(`probe.${stream.reason}`),
      ];
      const value = parts.filter((part) => part !== '').join(' · ');
      lines.push(say('probe.line.stream', { role: say(`probe.role.${stream.role}`), value }));
    }
    lines.push(
      line('probe.line.snapshot', found.snapshotUri ?? say('probe.notTold')),
      line('probe.line.ptz', say(found.ptz ? 'probe.yes' : 'probe.no')),
      line(
        'probe.line.clock',
        found.clockOffsetMs === null
          ? say('probe.notTold')
          : line('probe.seconds', (found.clockOffsetMs / 1_000).toFixed(1)),
      ),
      line('probe.line.answeredBy', found.answeredBy),
    );
  }
  const hints: MessageKey[] = [];
  if (found.reason === 'connectionLost' && !tls) hints.push('probe.hint.https');
  if (Math.abs(found.clockOffsetMs ?? 0) > CLOCK_OFF_MS) hints.push('probe.hint.clock');
  for (const hint of hints) lines.push(line('probe.line.hint', say(hint)));
  lines.push(line('probe.line.rtt', ms));
  return lines;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    // A lone "%" in a password is meant literally.
    return part;
  }
}
