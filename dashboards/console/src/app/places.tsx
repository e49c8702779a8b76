import { Link, useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { t } from '../language.ts';
import { placeOf } from './navigation.ts';
import { useSections } from './rights.ts';

/** Where whoever is signed in can go; a section without a place is not there. */
export function Places({ went }: { went?: () => void }) {
  const sections = useSections();
  const { pathname } = useLocation();
  const here = placeOf(pathname)?.to;
  const current = useRef<HTMLAnchorElement>(null);
  // The page one is on stays in sight, however long the menu.
  useEffect(() => {
    if (here !== undefined) current.current?.scrollIntoView({ block: 'nearest' });
  }, [here]);
  return (
    <div className="places">
      {sections.map(({ label, places }) => (
        <section key={label} aria-label={t(label)}>
          <h2>{t(label)}</h2>
          <ul>
            {places.map((place) => (
              <li key={place.to}>
                <Link
                  to={place.to}
                  activeOptions={{ exact: true }}
                  {...(place.to === here && { ref: current, 'aria-current': 'page' as const })}
                  onClick={() => went?.()}
                >
                  {t(place.label)}
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
