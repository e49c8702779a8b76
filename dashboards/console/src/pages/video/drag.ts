import { type RefObject, useEffect, useRef, useState } from 'react';

const CAMERA = 'application/x-camera';
const PLACE = 'application/x-place';

export const carryCamera = (data: DataTransfer, id: string): void => {
  data.setData(CAMERA, id);
  data.effectAllowed = 'copy';
};

interface Drop {
  /** A camera of the list. */
  readonly onCamera: (id: string) => void;
  /** What stands at another place. */
  readonly onPlace: (from: number) => void;
  readonly onChoose: () => void;
}

/** A place that takes cameras and can itself be carried to another; answers whether something hangs over it. */
export function usePlace(element: RefObject<HTMLElement | null>, index: number, drop: Drop): boolean {
  const [over, setOver] = useState(false);
  const latest = useRef(drop);
  latest.current = drop;
  useEffect(() => {
    const place = element.current;
    if (!place) return;
    const ends = new AbortController();
    const { signal } = ends;
    place.addEventListener('dragstart', (event) => event.dataTransfer?.setData(PLACE, String(index)), { signal });
    place.addEventListener(
      'dragover',
      (event) => {
        event.preventDefault();
        setOver(true);
      },
      { signal },
    );
    place.addEventListener('dragleave', () => setOver(false), { signal });
    place.addEventListener(
      'drop',
      (event) => {
        event.preventDefault();
        setOver(false);
        const camera = event.dataTransfer?.getData(CAMERA);
        const from = event.dataTransfer?.getData(PLACE);
        if (camera) latest.current.onCamera(camera);
        else if (from) latest.current.onPlace(Number(from));
      },
      { signal },
    );
    place.addEventListener('pointerdown', () => latest.current.onChoose(), { signal });
    place.addEventListener('focusin', () => latest.current.onChoose(), { signal });
    return () => ends.abort();
  }, [element, index]);
  return over;
}
