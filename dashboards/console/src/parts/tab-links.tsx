import { Link } from '@tanstack/react-router';
import './tab-links.css';

interface TabLinksProps {
  readonly label: string;
  readonly chosen: string;
  readonly tabs: readonly { readonly key: string; readonly label: string }[];
  /** The address's query for a tab, of the one that stands there now. */
  readonly search: (key: string, now: Readonly<Record<string, unknown>>) => Record<string, unknown>;
}

/** Sheets of one page, each at its own address; on a narrow screen the row scrolls. */
export function TabLinks({ label, chosen, tabs, search }: TabLinksProps) {
  return (
    <nav className="tab-links" aria-label={label}>
      {tabs.map(({ key, label: words }) => (
        <Link
          key={key}
          to="."
          search={(now: Record<string, unknown>) => search(key, now)}
          activeProps={{}}
          className={key === chosen ? 'chosen' : ''}
          aria-current={key === chosen ? 'page' : 'false'}
        >
          {words}
        </Link>
      ))}
    </nav>
  );
}
