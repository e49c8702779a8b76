/** One piece of video as ffmpeg lists it. */
export interface Segment {
  readonly name: string;
  /** Seconds. */
  readonly duration: number;
}

/** What one ffmpeg wrote: its pieces now, the first one's number, and the header file of all of them. */
export interface RunList {
  readonly first: number;
  readonly init: string;
  readonly segments: readonly Segment[];
}

/** Names are made here and by ffmpeg from these patterns; nothing else is ever opened. */
const SEGMENT_NAME = /^r\d{1,6}-\d{1,9}\.m4s$/;
const INIT_NAME = /^r\d{1,6}-init\.mp4$/;
export const isMediaName = (name: string): boolean => SEGMENT_NAME.test(name) || INIT_NAME.test(name);
export const isInitName = (name: string): boolean => INIT_NAME.test(name);

/** Reads ffmpeg's own playlist; undefined when it is not (yet) whole. */
export function readRunList(text: string): RunList | undefined {
  if (!text.startsWith('#EXTM3U')) return undefined;
  const init = /#EXT-X-MAP:URI="([^"]+)"/.exec(text)?.[1];
  const first = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1] ?? 0);
  const segments: Segment[] = [];
  for (const match of text.matchAll(/#EXTINF:([\d.]+),[^\n]*\n([^\n#]+)/g)) {
    const name = (match[2] ?? '').trim();
    const duration = Number(match[1]);
    if (SEGMENT_NAME.test(name) && Number.isFinite(duration)) segments.push({ name, duration });
  }
  return init !== undefined && INIT_NAME.test(init) && segments.length > 0 ? { first, init, segments } : undefined;
}

interface Listed extends Segment {
  readonly init: string;
  /** Number within the whole view. */
  readonly number: number;
  /** How many runs ended before it. */
  readonly era: number;
}

/** The playlist of a view over several ffmpeg runs: after a restart the numbers go on and a gap is marked. */
export interface Playlist {
  /** Takes over what the current run has written. */
  update(list: RunList): void;
  /** The next update is of a new run. */
  nextRun(): void;
  /** Whether `name` may be read: listed now or shortly before, so slow viewers get what they were told of. */
  has(name: string): boolean;
  /** How many pieces were ever listed. */
  readonly count: number;
  /** As the viewer gets it; undefined before the first piece. Names are relative, so the token of the address goes along. */
  text(): string | undefined;
}

const SHOWN = 6;
const REMEMBERED = SHOWN + 4;

export function createPlaylist(): Playlist {
  let listed: Listed[] = [];
  /** Number of the first piece of the current run. */
  let base = 0;
  let next = 0;
  let era = 0;

  return {
    update({ first, init, segments }) {
      segments.forEach((segment, i) => {
        const number = base + first + i;
        if (number < next) return;
        listed.push({ ...segment, init, number, era });
        next = number + 1;
      });
      listed = listed.slice(-REMEMBERED);
    },
    nextRun() {
      // A run that listed nothing leaves no gap to be marked.
      if (next > base) era += 1;
      base = next;
    },
    has: (name) => listed.some((segment) => segment.name === name || segment.init === name),
    get count() {
      return next;
    },
    text() {
      const shown = listed.slice(-SHOWN);
      const [head] = shown;
      if (!head) return undefined;
      const lines = [
        '#EXTM3U',
        '#EXT-X-VERSION:7',
        `#EXT-X-TARGETDURATION:${Math.max(1, ...shown.map((segment) => Math.ceil(segment.duration)))}`,
        `#EXT-X-MEDIA-SEQUENCE:${head.number}`,
        `#EXT-X-DISCONTINUITY-SEQUENCE:${head.era}`,
        '#EXT-X-INDEPENDENT-SEGMENTS',
      ];
      let init = '';
      let shownEra = head.era;
      for (const segment of shown) {
        if (segment.era !== shownEra) lines.push('#EXT-X-DISCONTINUITY');
        shownEra = segment.era;
        if (segment.init !== init) lines.push(`#EXT-X-MAP:URI="${segment.init}"`);
        init = segment.init;
        lines.push(`#EXTINF:${segment.duration.toFixed(3)},`, segment.name);
      }
      return `${lines.join('\n')}\n`;
    },
  };
}
