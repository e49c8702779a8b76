import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { language, t } from '../../language.ts';
import { Page } from '../../parts/page.tsx';
import { isThere, others, readGuide, SHELVES, type Shelf } from './guides.ts';
import './help.css';

const titled = async (names: readonly string[]) =>
  Promise.all(
    names.filter(isThere).map(async (name) => {
      const text = (await readGuide(name))?.text ?? '';
      const says = text.match(/^# .+\n+([^\n#|`-][^\n]*)/)?.[1] ?? '';
      return {
        name,
        title: text.match(/^# (.+)$/m)?.[1] ?? name,
        says: says.replace(/\[([^\]]*)\]\([^)]*\)|[*`]/g, '$1'),
      };
    }),
  );

/** All guides, by whom they are for. */
export default function Help() {
  const shelves: readonly (readonly [Shelf | 'other', readonly string[]])[] = [
    ...(Object.keys(SHELVES) as Shelf[]).map((shelf) => [shelf, SHELVES[shelf]] as const),
    ['other', others()],
  ];
  return (
    <Page title={t('nav.help')}>
      <div className="columns">
        {shelves.map(([shelf, names]) => (
          <ShelfOf key={shelf} shelf={shelf} names={names} />
        ))}
      </div>
    </Page>
  );
}

function ShelfOf({ shelf, names }: { shelf: Shelf | 'other'; names: readonly string[] }) {
  const guides = useQuery({
    queryKey: ['guides', language(), shelf],
    queryFn: () => titled(names),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (names.length === 0) return null;
  return (
    <section className="sheet">
      <h2>{t(`help.shelf.${shelf}`)}</h2>
      <ul className="shelf">
        {guides.data?.map(({ name, title, says }) => (
          <li key={name}>
            <Link to="/help/$guide" params={{ guide: name }}>
              {title}
            </Link>
            {says && <p className="quiet">{says}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}
