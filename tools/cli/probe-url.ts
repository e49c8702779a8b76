import type { ProbeResult } from '../../adapters/adapter.ts';
import { rtspAdapter } from '../../adapters/rtsp/adapter.ts';
import { RTSP_DEFAULTS } from '../../adapters/rtsp/config.ts';
import { locate } from '../../adapters/rtsp/location.ts';
import { type Language, type MessageKey, text } from '../../gateway/src/messages/index.ts';
import { askingContext } from './adapter-context.ts';

export interface ProbeReport {
  readonly ok: boolean;
  readonly result: ProbeResult;
  /** For people, ready to print; never a credential. */
  readonly lines: readonly string[];
}

/**
 * Asks one camera how it is, with the login in the URL. `allow` is the text of CGW_ALLOWED_TARGETS (absent = RFC 1918
 * and ULA). Throws AdapterError for a bad `allow` or a shortage of our own.
 */
export async function probeUrl(
  url: string,
  options: {
    readonly deadlineMs?: number;
    readonly allow?: string | undefined;
    readonly language?: Language;
    readonly signal?: AbortSignal;
  } = {},
): Promise<ProbeReport> {
  const { deadlineMs = 5_000, allow, language = 'zh-CN', signal = new AbortController().signal } = options;
  const config = { ...RTSP_DEFAULTS, ...(allow ? { allowedTargets: allow.split(',') } : {}) };
  const connection = { protocol: 'rtsp', url } as const;
  const adapter = rtspAdapter.create(config, askingContext);
  try {
    const probe = adapter.probe?.({ deviceId: 'cli', connection }, { deadline: deadlineMs, signal });
    if (!probe) throw new Error('the rtsp adapter has no probe');
    const result = await probe;
    return { ok: result.ok, result, lines: describe(connection, result, language) };
  } finally {
    await adapter.stop();
  }
}

function describe(connection: { protocol: 'rtsp'; url: string }, result: ProbeResult, language: Language): string[] {
  const location = locate(connection);
  const line = (key: MessageKey, value: string | number) => text(language, key, { value });
  const facts = Object.entries(result.facts ?? {}).map(([name, value]) => `${name}=${value}`);
  return [
    ...(typeof location === 'string' ? [] : [line('probe.line.target', location.uri)]),
    line('probe.line.result', text(language, `probe.${result.reason}`)),
    line('probe.line.reason', result.reason),
    line('probe.line.detail', result.detail),
    line('probe.line.rtt', result.rttMs),
    ...(facts.length > 0 ? [line('probe.line.facts', facts.join(' '))] : []),
  ];
}
