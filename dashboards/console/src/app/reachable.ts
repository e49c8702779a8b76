import { type RefObject, useEffect } from 'react';

const SCROLLS = '.ant-table-body, .ant-table-content, .board, .cm-scroller';

/** What scrolls sideways is reached with Tab even when nothing in it is; the components have no way to say so. */
export function useReachableScrolls(page: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const place = page.current;
    if (!place) return;
    const mark = () => {
      for (const one of place.querySelectorAll<HTMLElement>(SCROLLS)) {
        const scrolls = one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight;
        if (scrolls) one.tabIndex = 0;
        else one.removeAttribute('tabindex');
      }
    };
    let due: number | undefined;
    const soon = () => {
      due ??= requestAnimationFrame(() => {
        due = undefined;
        mark();
      });
    };
    soon();
    const changes = new MutationObserver(soon);
    changes.observe(place, { childList: true, subtree: true });
    const sizes = new ResizeObserver(soon);
    sizes.observe(place);
    return () => {
      if (due !== undefined) cancelAnimationFrame(due);
      changes.disconnect();
      sizes.disconnect();
    };
  }, [page]);
}
