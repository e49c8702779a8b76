import { useEffect, useState } from 'react';
import { nowLike } from './zone-clock.ts';

/** So often that a photograph of any part of the picture says who took it. */
const PLACES = ['a', 'b', 'c', 'd', 'e', 'f'] as const;

/** Who looks and when, over the picture; `like` is a time of the gateway, for its zone. */
export function Watermark({ who, like }: { who: string; like: string }) {
  const [time, setTime] = useState(() => nowLike(like));
  useEffect(() => {
    const tick = setInterval(() => setTime(nowLike(like)), 1_000);
    return () => clearInterval(tick);
  }, [like]);
  return (
    <div className="watermark" aria-hidden="true">
      {PLACES.map((place) => (
        <span key={place}>
          {who} {time}
        </span>
      ))}
    </div>
  );
}
