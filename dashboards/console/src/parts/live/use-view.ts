import { type RefObject, useEffect, useState } from 'react';
import { type Opened, openView } from './view.ts';

/** Where a view stands. */
export type ViewState =
  | { readonly at: 'idle' }
  | { readonly at: 'opening' }
  | { readonly at: 'loading' | 'playing'; readonly live: Opened }
  | { readonly at: 'trouble'; readonly live: Opened | null; readonly words: string | null }
  | { readonly at: 'ended'; readonly words: string | null }
  | { readonly at: 'refused'; readonly error: unknown };

/** Ends after which the same person may go on without being asked again. */
const REOPENS = new Set(['expired', 'idle', 'masksChanged', 'connectionChanged']);
/** A view that ends at once again and again is not opened for ever. */
const LASTED_MS = 10_000;
const MOST_AT_ONCE = 3;
const IDLE: ViewState = { at: 'idle' };

/**
 * One camera's live view. Nobody looks at a hidden page: the view ends there, and a new one begins when somebody is back.
 * `purpose` null = not asked for.
 */
export function useView(
  camera: string,
  purpose: string | null,
  stage: RefObject<HTMLElement | null>,
): { readonly view: ViewState; readonly again: () => void } {
  const [state, setState] = useState<ViewState>(IDLE);
  const [visible, setVisible] = useState(!document.hidden);
  const [round, setRound] = useState(0);

  useEffect(() => {
    const look = () => setVisible(!document.hidden);
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);

  useEffect(() => {
    const place = stage.current;
    if (purpose === null || !visible || place === null) return setState(IDLE);
    const begun = performance.now();
    let left = false;
    let close = (): void => undefined;
    let live: Opened | null = null;
    const tell = (next: ViewState) => !left && setState(next);
    setState({ at: 'opening' });
    openView(camera, purpose, place, {
      opened(answer) {
        live = answer;
        tell({ at: 'loading', live: answer });
      },
      playing() {
        if (live) tell({ at: 'playing', live });
      },
      trouble: (words) => tell({ at: 'trouble', live, words }),
      ended(words, reason) {
        if (left) return;
        const lasted = performance.now() - begun > LASTED_MS;
        if (reason !== null && REOPENS.has(reason) && (lasted || round < MOST_AT_ONCE)) setRound(round + 1);
        else tell({ at: 'ended', words });
      },
    }).then(
      (stop) => {
        if (left) stop();
        else close = stop;
      },
      (error: unknown) => tell({ at: 'refused', error }),
    );
    const leave = () => close();
    window.addEventListener('pagehide', leave);
    return () => {
      left = true;
      window.removeEventListener('pagehide', leave);
      close();
    };
  }, [camera, purpose, visible, round, stage]);

  return { view: state, again: () => setRound(round + 1) };
}
