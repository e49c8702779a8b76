import type { PropsWithChildren } from 'react';

/** What is wider than the page scrolls within itself, by keyboard too. */
export function Scroller({ label, children }: PropsWithChildren<{ label: string }>) {
  return (
    <section
      className="scroller"
      aria-label={label}
      ref={(place) => {
        // A region that scrolls is reached with Tab even when nothing in it is.
        if (place) place.tabIndex = place.scrollWidth > place.clientWidth ? 0 : -1;
      }}
    >
      {children}
    </section>
  );
}
