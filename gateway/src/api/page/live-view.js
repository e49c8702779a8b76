import Hls from './hls.js';
import { language } from './language.js';
import { call } from './requests.js';

/** Waits for the server to mend what it can before the next look. */
const RETRY_MS = 1_000;
const PICTURE_MS = 1_000;
/** A pass is renewed in the middle of its life, and so often at most. */
const RENEW_AT_MOST_MS = 20_000;

/** Whether this browser decodes H.265 in fragmented MP4. */
export const playsH265 = () => globalThis.MediaSource?.isTypeSupported('video/mp4; codecs="hvc1.1.6.L93.B0"') ?? false;

/**
 * One view from its opening to its end. `stage` gets the video or picture; `tell(code, detail)` hears `opened`, `playing`,
 * `trouble` and `ended`. Answers a function that closes it.
 */
export async function watch(camera, purpose, stage, tell) {
  const live = await call('POST', `/api/v1/cameras/${encodeURIComponent(camera.id)}/live`, {
    purpose,
    accepts: { h265: playsH265() },
  });
  const view = `/api/v1/live/${live.view}`;
  const body = { token: live.token };
  let over = false;
  let timer;

  const finish = (detail, ended) => {
    if (over) return;
    stop();
    tell('ended', { detail, ended });
  };
  /** What the server says of the view; the only place where its end is learnt. */
  const ask = async () => {
    try {
      return await call('POST', `${view}/renew`, body);
    } catch (error) {
      if (error.status === 404 || error.status === 401 || error.status === 403) finish(error.message, error.ended);
      else tell('trouble', { detail: error.message });
      return null;
    }
  };
  const renew = async () => {
    const renewed = await ask();
    if (!over) plan(renewed?.expiresAt ?? null);
  };
  const plan = (expiresAt) => {
    const left = expiresAt === null ? RETRY_MS * 2 : Date.parse(expiresAt) - Date.now();
    timer = setTimeout(renew, Math.min(RENEW_AT_MOST_MS, Math.max(RETRY_MS, left / 2)));
  };
  const show = live.kind === 'hls' ? showVideo : showPictures;
  const hide = show(live.url, stage, { over: () => over, ask, tell });

  function stop() {
    over = true;
    clearTimeout(timer);
    hide();
    stage.replaceChildren();
  }
  tell('opened', live);
  plan(live.expiresAt);
  return () => {
    if (over) return;
    stop();
    // Also while the page goes away: the camera must not be pulled for nobody.
    fetch(`${view}/close`, {
      method: 'POST',
      keepalive: true,
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }).catch(() => undefined);
  };
}

function showVideo(url, stage, { over, ask, tell }) {
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  video.autoplay = true;
  stage.replaceChildren(video);
  video.addEventListener('playing', () => tell('playing'));
  const hls = new Hls({
    enableWorker: false,
    liveSyncDuration: 1.5,
    liveMaxLatencyDuration: 8,
    maxLiveSyncPlaybackRate: 1.1,
    backBufferLength: 10,
    maxBufferLength: 8,
    xhrSetup(request, address) {
      request.open('GET', address);
      request.setRequestHeader('accept-language', language);
    },
    // The server has waited already; a second silent try would only hide its reason for as long again.
    manifestLoadPolicy: {
      default: { maxTimeToFirstByteMs: 20_000, maxLoadTimeMs: 20_000, timeoutRetry: null, errorRetry: null },
    },
  });
  let again;
  hls.on(Hls.Events.ERROR, async (_event, { fatal, type, networkDetails }) => {
    if (!fatal || over()) return;
    if (type === Hls.ErrorTypes.MEDIA_ERROR) return hls.recoverMediaError();
    tell('trouble', { detail: detailOf(networkDetails) });
    // The server starts its side again; here only the end of the view ends the waiting.
    if (await ask()) again = setTimeout(() => hls.loadSource(url), RETRY_MS);
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  return () => {
    clearTimeout(again);
    hls.destroy();
  };
}

/** The words of a refused playlist, when it came with some. */
function detailOf(request) {
  try {
    return JSON.parse(request?.responseText ?? '').detail;
  } catch {
    return undefined;
  }
}

function showPictures(url, stage, { over, ask, tell }) {
  const image = document.createElement('img');
  image.alt = '';
  stage.replaceChildren(image);
  let turn = 0;
  let timer;
  const next = () => {
    turn += 1;
    image.src = `${url}?${turn}`;
  };
  image.addEventListener('load', () => {
    tell('playing');
    timer = setTimeout(next, PICTURE_MS);
  });
  image.addEventListener('error', async () => {
    if (over()) return;
    tell('trouble', {});
    if (await ask()) timer = setTimeout(next, RETRY_MS);
  });
  next();
  return () => {
    clearTimeout(timer);
    image.removeAttribute('src');
  };
}
