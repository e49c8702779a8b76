import { useQuery } from '@tanstack/react-query';
import { Link, useLocation, useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { language, t } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { Page } from '../../parts/page.tsx';
import { readGuide } from './guides.ts';
import { Markdown } from './markdown.tsx';
import './help.css';

/** One guide of the project, built into the console: there may be no internet here. */
export default function GuidePage() {
  const { guide: name } = useParams({ strict: false });
  const wanted = name ?? 'README';
  const guide = useQuery({
    queryKey: ['guide', language(), wanted],
    queryFn: () => readGuide(wanted),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { hash } = useLocation();
  const there = guide.data !== undefined;
  useEffect(() => {
    if (there && hash) document.getElementById(decodeURIComponent(hash))?.scrollIntoView();
  }, [there, hash]);
  return (
    <Page
      title={guide.data?.text.match(/^# (.+)$/m)?.[1] ?? t('nav.help')}
      actions={<Link to="/help">{t('help.all')}</Link>}
    >
      <Loaded query={guide}>
        {(found) =>
          found === null ? (
            <Nothing title={t('help.none')} next={<Link to="/help">{t('help.all')}</Link>} />
          ) : (
            <>
              {found.language !== language() && <p className="quiet">{t('help.otherLanguage')}</p>}
              <Markdown guide={{ ...found, text: found.text.replace(/^# .+$/m, '') }} name={wanted} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}
