import { useEffect, useState } from 'react';
import { nowIn } from './zone-clock.ts';

/** So often that a photograph of any part of the picture says who took it. */
const PLACES = ['a', 'b', 'c', 'd', 'e', 'f'] as const;

/** Who looks and when, over the picture; `zone` is the gateway’s. */
export function Watermark({ who, zone }: { who: string; zone: string }) {
  const [time, setTime] = useState(() => nowIn(zone));
  useEffect(() => {
    const tick = setInterval(() => setTime(nowIn(zone)), 1_000);
    return () => clearInterval(tick);
  }, [zone]);
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
