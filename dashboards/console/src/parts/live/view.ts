import { type Answer, api, body } from '../../api/client.ts';
import { Problem } from '../../api/problem.ts';
import { language } from '../../language.ts';
import { showPictures, showVideo } from './screen.ts';
import { createTurns } from './turns.ts';

export type Opened = Answer<'Live'>;

/** What a view says of itself while it is open. */
export interface Told {
  readonly opened: (live: Opened) => void;
  readonly playing: () => void;
  /** Nothing comes just now; it is tried again. */
  readonly trouble: (words: string | null) => void;
  /** It is over. `reason`: `expired`, `masksChanged`, `rightLost` …; null = unknown. */
  readonly ended: (words: string | null, reason: string | null) => void;
}

/** What draws a view needs to know and to say. */
export interface Showing {
  readonly over: () => boolean;
  /** Asks the gateway whether the view is still there. */
  readonly ask: () => Promise<unknown>;
  readonly told: Told;
}

const SHORTEST_MS = 1_000;
/** A pass is renewed in the middle of its life, and so often at least. */
const LONGEST_MS = 20_000;
/** The first look at a camera may take its whole login. */
const PATIENCE_MS = 30_000;
const OVER = new Set([401, 403, 404]);
const turn = createTurns(3);

/** Whether this browser decodes H.265 in fragmented MP4. */
const playsH265 = (): boolean =>
  globalThis.MediaSource?.isTypeSupported('video/mp4; codecs="hvc1.1.6.L93.B0"') ?? false;

/** One view from its opening to its end; answers a function that closes it. Refusals are thrown as `Problem`. */
export async function openView(camera: string, purpose: string, stage: HTMLElement, told: Told): Promise<() => void> {
  const live = await turn(() =>
    body(
      api.POST('/api/v1/cameras/{id}/live', {
        params: { path: { id: camera } },
        body: { purpose, accepts: { h265: playsH265() } },
        fetch: (request) => fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) }),
      }),
    ),
  );
  const path = { view: live.view };
  const token = live.token ?? '';
  let finished = false;
  let timer: ReturnType<typeof setTimeout>;

  const ask = async () => {
    try {
      return await body(api.POST('/api/v1/live/{view}/renew', { params: { path }, body: { token } }));
    } catch (error) {
      if (finished) return null;
      if (error instanceof Problem && OVER.has(error.status)) {
        stop();
        const { ended } = error.more;
        told.ended(error.message, typeof ended === 'string' ? ended : null);
      } else told.trouble(error instanceof Problem ? error.message : null);
      return null;
    }
  };
  const plan = (expiresAt: string | null) => {
    const left = expiresAt === null ? SHORTEST_MS * 2 : Date.parse(expiresAt) - Date.now();
    timer = setTimeout(renew, Math.min(LONGEST_MS, Math.max(SHORTEST_MS, left / 2)));
  };
  const renew = async () => {
    const renewed = await ask();
    if (!finished) plan(renewed?.expiresAt ?? null);
  };
  const show = live.kind === 'hls' ? showVideo : showPictures;
  const hide = show(live.url, stage, { over: () => finished, ask, told });

  function stop() {
    finished = true;
    clearTimeout(timer);
    hide();
    stage.replaceChildren();
  }
  told.opened(live);
  plan(live.expiresAt);
  return () => {
    if (finished) return;
    stop();
    // Also while the page goes away: the camera must not be pulled for nobody.
    fetch(`/api/v1/live/${live.view}/close`, {
      method: 'POST',
      keepalive: true,
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json', 'accept-language': language() },
      body: JSON.stringify({ token }),
    }).catch(() => undefined);
  };
}
