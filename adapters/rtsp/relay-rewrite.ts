/** No camera has more video and audio; a player would set up every one of them. */
const MAX_TRACKS = 16;

/** What a camera describes, with its addresses replaced by our own. */
export interface RelayedDescription {
  /** For the client: every control is `t0`, `t1` … relative to our own base; no address of the camera is left. */
  readonly sdp: string;
  /** Request URI at the camera of the whole presentation. */
  readonly aggregate: string;
  /** Request URI at the camera of each section, by its number. */
  readonly tracks: readonly string[];
  readonly hasVideo: boolean;
}

/**
 * Resolves the control attributes as players do (the base, a slash when it has none, the control), so queries and
 * absolute addresses reach the camera as it wrote them. Only video and audio are passed on.
 */
export function relayDescription(sdp: string, base: string): RelayedDescription {
  const lines = sdp.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '');
  const starts = lines.flatMap((line, at) => (/^m=/i.test(line) ? [at] : []));
  const session = lines.slice(0, starts[0] ?? lines.length);
  const sections = starts
    .map((start, number) => lines.slice(start, starts[number + 1]))
    .filter((section) => /^m=(?:video|audio)\s/i.test(section[0] ?? ''))
    .slice(0, MAX_TRACKS);
  const control = controlOf(session);
  const aggregate = resolveControl(control, base);
  // An absolute session control replaces the base, as it does for ffmpeg and GStreamer.
  const trackBase = control !== undefined && isAbsolute(control) ? requestUri(control) : base;
  const tracks = sections.map((section) => resolveControl(controlOf(section), trackBase));
  const told = [
    ...session.filter(isHarmless).map((line) => line.replace(/^o=.*/i, 'o=- 0 0 IN IP4 127.0.0.1')),
    'a=control:*',
    ...sections.flatMap((section, number) => [...section.filter(isHarmless), `a=control:t${number}`]),
  ];
  return {
    sdp: `${told.map(withoutLogin).join('\r\n')}\r\n`,
    aggregate,
    tracks,
    hasVideo: sections.some((section) => /^m=video\s/i.test(section[0] ?? '')),
  };
}

function controlOf(section: readonly string[]): string | undefined {
  const line = section.find((one) => /^a=control:/i.test(one));
  return line?.slice('a=control:'.length).trim();
}

function resolveControl(control: string | undefined, base: string): string {
  if (control === undefined || control === '' || control === '*') return base;
  if (isAbsolute(control)) return requestUri(control);
  return requestUri(`${base}${base.endsWith('/') ? '' : '/'}${control}`);
}

/** Where control attributes are relative to: what the camera says, else what was asked. */
export function baseOf(headers: ReadonlyMap<string, readonly string[]>, asked: string): string {
  const said = headers.get('content-base')?.[0] ?? headers.get('content-location')?.[0];
  return said !== undefined && isAbsolute(said) ? requestUri(said) : asked;
}

/** RTP-Info with our own addresses; entries that fit no track keep their order. */
export function relayRtpInfo(value: string, tracks: readonly string[], prefix: string): string {
  const told = value.split(/,(?=\s*url=)/i).slice(0, MAX_TRACKS);
  const entries = told.map((entry, order) => {
    const url = requestUri(/url="?([^;"]*)/i.exec(entry)?.[1]?.trim() ?? '');
    const exact = tracks.indexOf(url);
    const near = tracks.findIndex((track) => url !== '' && track.endsWith(url));
    const number = exact >= 0 ? exact : near >= 0 ? near : order;
    const fields = ['seq', 'rtptime'].flatMap((name) => {
      const digits = new RegExp(`;\\s*${name}=(\\d{1,10})`, 'i').exec(entry)?.[1];
      return digits === undefined ? [] : [`;${name}=${digits}`];
    });
    return `url=${prefix}/t${number}${fields.join('')}`;
  });
  return entries.join(',');
}

export interface Interleaved {
  readonly first: number;
  readonly last: number;
}

/** The interleaved TCP offer or grant of a Transport header; undefined when there is none. `fallback` where it names no channels. */
export function interleavedOf(values: readonly string[], fallback: Interleaved): Interleaved | undefined {
  const offers = values.flatMap((value) => value.split(','));
  const offer = offers.find((one) => /^\s*RTP\/AVP\/TCP\b/i.test(one) || /;\s*interleaved=/i.test(one));
  if (offer === undefined) return undefined;
  const [, first, last] = /;\s*interleaved=(\d{1,3})(?:-(\d{1,3}))?/i.exec(offer) ?? [];
  if (first === undefined) return fallback;
  const channels = { first: Number(first), last: Number(last ?? first) };
  return channels.first <= 255 && channels.last <= 255 ? channels : undefined;
}

function isAbsolute(text: string): boolean {
  return /^rtsps?:\/\//i.test(text);
}

/** Fit for a request line: no login, nothing that could end the line. */
function requestUri(text: string): string {
  return withoutLogin(text).replace(/[^!-~]/gu, (character) => encodeURIComponent(character));
}

function withoutLogin(text: string): string {
  return text.replace(/(rtsps?:\/\/)[^\s/]*@/gi, '$1');
}

/** Connection lines could send a player to another address; ours is always the relay. */
function isHarmless(line: string): boolean {
  return !/^(?:c=|a=control:|u=|e=|p=)/i.test(line);
}
