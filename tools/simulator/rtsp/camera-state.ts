import type { Socket } from 'node:net';
import { bundledClip, type Clip, type ClipCodec } from './clip.ts';
import { type Film, filmOf } from './film.ts';
import type { CameraLogin } from './login.ts';
import type { CameraPicture, FilmRecipe } from './pictures.ts';

/**
 * What goes wrong on demand. `hang` accepts and never answers, `refuse` closes the port, `unauthorized` rejects every
 * login (password changed), `notFound` has no such stream, `garbage` is no RTSP, `slow` answers late, `busy` has no
 * free session from DESCRIBE on, `sessionLimit` only from SETUP on, `broken` answers 500, `trickle` answers one byte a
 * second, `endlessHeader` answers with headers without end, `redirect` sends elsewhere (302), `slowFirstFrame` plays
 * and then lets the first picture wait for `slowMs`.
 */
export const RTSP_FAULTS = [
  'none',
  'hang',
  'refuse',
  'unauthorized',
  'notFound',
  'garbage',
  'slow',
  'busy',
  'broken',
  'trickle',
  'endlessHeader',
  'sessionLimit',
  'redirect',
  'slowFirstFrame',
] as const;
export type RtspFault = (typeof RTSP_FAULTS)[number];

export interface StreamOptions {
  /** Path with its query, e.g. `/cam/realmonitor?channel=1&subtype=0`. */
  readonly path: string;
  /** Default 320×240. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Default 10; one key picture a second. */
  readonly fps?: number;
  /** Default `h264`. */
  readonly codec?: ClipCodec;
}

/** A camera that names none of `picture`, `label`, `colour`, `size`, `fps`, `codec`, `seed` and `sub` plays the bundled clip. */
export interface SimulatedCameraOptions extends StreamOptions {
  /** Absent = open to everyone. */
  readonly login?: CameraLogin;
  readonly clip?: Clip;
  /** Delay of each answer under `slow`, of the first picture under `slowFirstFrame`; default 2,000. */
  readonly slowMs?: number;
  /** Location under `redirect`; default a stream of 127.0.0.2. */
  readonly redirectTo?: string;
  /** Default `good`. */
  readonly picture?: CameraPicture;
  /** Burnt in below, so that a picture says whose it is: letters, digits, blank, `.`, `_` and `-`, at most 40. */
  readonly label?: string;
  /** `#rrggbb` of the band behind the label, or of the whole picture `plain`. */
  readonly colour?: string;
  /** Another street for another number; default 1. */
  readonly seed?: number;
  /** A second stream of the same scene, with the same login and faults. */
  readonly sub?: StreamOptions;
}

export interface StreamState {
  readonly options: StreamOptions;
  clip: Clip;
  film?: Film;
}

/** One camera as the conversation sees it. */
export interface CameraState {
  /** The main stream first. */
  readonly streams: readonly [StreamState, ...StreamState[]];
  readonly login: CameraLogin | undefined;
  readonly slowMs: number;
  readonly redirectTo: string;
  fault: RtspFault;
  picture: CameraPicture;
  /** Connections that asked for this camera. */
  readonly sockets: Set<Socket>;
  viewers: number;
  /** Resolves when the first picture is ready. */
  load(): Promise<void>;
  show(picture: CameraPicture): Promise<void>;
}

export function createCameraState(options: SimulatedCameraOptions): CameraState {
  const streamOf = (stream: StreamOptions): StreamState => ({ options: stream, clip: options.clip ?? bundledClip() });
  const { picture, label, colour, size, fps, codec, seed, sub } = options;
  const plays = [picture, label, colour, size, fps, codec, seed, sub].some((one) => one !== undefined);
  let turn = 0;
  const state: CameraState = {
    streams: [streamOf(options), ...(options.sub ? [streamOf(options.sub)] : [])],
    login: options.login,
    slowMs: options.slowMs ?? 2_000,
    redirectTo: options.redirectTo ?? 'rtsp://127.0.0.2:554/elsewhere',
    fault: 'none',
    picture: options.picture ?? 'good',
    sockets: new Set(),
    viewers: 0,
    async load() {
      if (plays && !state.streams[0].film) await state.show(state.picture);
    },
    async show(next) {
      turn += 1;
      const mine = turn;
      const films = await Promise.all(
        state.streams.map((stream, n) => filmOf(recipeOf(options, stream.options, next, n === 0))),
      );
      // Of two changes at once the later one stays.
      if (mine !== turn) return;
      state.picture = next;
      let recoded = false;
      for (const [n, stream] of state.streams.entries()) {
        const film = films[n];
        if (!film) continue;
        recoded ||= film.clip.codec !== stream.clip.codec;
        stream.film = film;
        stream.clip = film.clip;
      }
      // An encoder that is switched over starts again; no running session can change its codec.
      if (recoded) for (const socket of state.sockets) socket.destroy();
    },
  };
  return state;
}

function recipeOf(
  camera: SimulatedCameraOptions,
  stream: StreamOptions,
  picture: CameraPicture,
  main: boolean,
): FilmRecipe {
  const { width = 320, height = 240 } = stream.size ?? {};
  return {
    picture: picture === 'h265' || picture === 'noFrames' ? 'good' : picture,
    codec: picture === 'h265' && main ? 'h265' : (stream.codec ?? 'h264'),
    width,
    height,
    fps: stream.fps ?? 10,
    label: camera.label ?? '',
    colour: camera.colour,
    seed: camera.seed ?? 1,
  };
}
