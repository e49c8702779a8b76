import type Hls from 'hls.js';
import { language } from '../../language.ts';
import type { Showing } from './view.ts';

/** The gateway starts its side again meanwhile. */
const RETRY_MS = 1_000;
const PICTURE_MS = 1_000;

/** A playlist in a video; ends by the function it answers. */
export function showVideo(address: string, stage: HTMLElement, showing: Showing): () => void {
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  video.autoplay = true;
  stage.replaceChildren(video);
  video.addEventListener('playing', () => showing.told.playing());
  let player: Hls | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  import('hls.js/light')
    .then(({ default: Player }) => {
      if (showing.over()) return;
      player = play(Player, video, address, showing, (timer) => {
        again = timer;
      });
    })
    .catch(() => showing.told.trouble(null));
  return () => {
    clearTimeout(again);
    player?.destroy();
  };
}

function play(
  Player: typeof Hls,
  video: HTMLVideoElement,
  address: string,
  { over, ask, told }: Showing,
  waits: (timer: ReturnType<typeof setTimeout>) => void,
): Hls {
  const player = new Player({
    // Its worker would be made from text, which the page's policy forbids; the pieces are small.
    enableWorker: false,
    liveSyncDuration: 1.5,
    liveMaxLatencyDuration: 8,
    maxLiveSyncPlaybackRate: 1.1,
    backBufferLength: 10,
    maxBufferLength: 8,
    xhrSetup(request, piece) {
      request.open('GET', piece);
      request.setRequestHeader('accept-language', language());
    },
    // The gateway has waited already; a second silent try would only hide its reason for as long again.
    manifestLoadPolicy: {
      default: { maxTimeToFirstByteMs: 20_000, maxLoadTimeMs: 20_000, timeoutRetry: null, errorRetry: null },
    },
  });
  player.on(Player.Events.ERROR, async (_event, { fatal, type, networkDetails }) => {
    if (!fatal || over()) return;
    if (type === Player.ErrorTypes.MEDIA_ERROR) return player.recoverMediaError();
    told.trouble(detailOf(networkDetails));
    // The gateway starts its side again; here only the end of the view ends the waiting.
    if ((await ask()) && !over()) waits(setTimeout(() => player.loadSource(address), RETRY_MS));
    else if (!over()) waits(setTimeout(() => player.loadSource(address), RETRY_MS * 3));
  });
  player.loadSource(address);
  player.attachMedia(video);
  return player;
}

/** The words of a refused playlist, when it came with some. */
function detailOf(request: unknown): string | null {
  try {
    const said: unknown = JSON.parse((request as XMLHttpRequest).responseText);
    return (said as { detail?: string }).detail ?? null;
  } catch {
    return null;
  }
}

/** One JPEG a second, for what no browser plays and no transcoder is free for. */
export function showPictures(address: string, stage: HTMLElement, { over, ask, told }: Showing): () => void {
  const image = document.createElement('img');
  image.alt = '';
  stage.replaceChildren(image);
  let turn = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const next = () => {
    turn += 1;
    image.src = `${address}?${turn}`;
  };
  image.addEventListener('load', () => {
    if (over()) return;
    told.playing();
    timer = setTimeout(next, PICTURE_MS);
  });
  image.addEventListener('error', async () => {
    if (over()) return;
    told.trouble(null);
    await ask();
    if (!over()) timer = setTimeout(next, RETRY_MS);
  });
  next();
  return () => {
    clearTimeout(timer);
    image.removeAttribute('src');
  };
}
