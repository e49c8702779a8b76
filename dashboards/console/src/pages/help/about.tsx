import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Typography } from 'antd';
import { t, tCode } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { Page } from '../../parts/page.tsx';
import { Ago, exactTime } from '../../parts/time.tsx';
import './help.css';

const SIGN = { ready: ['good', 'disc'], degraded: ['warning', 'triangle'], down: ['bad', 'square'] } as const;

interface Part {
  readonly name: string;
  readonly state: keyof typeof SIGN;
  readonly reason: string;
  readonly detail?: string;
  readonly since: string;
}

const LICENCE = 'Apache-2.0';

/** Answers also when the gateway is down: then the words matter most. */
async function readiness(): Promise<{ readonly parts: readonly Part[] }> {
  const answer = await fetch('/readyz', { cache: 'no-store', signal: AbortSignal.timeout(10_000) });
  return (await answer.json()) as { readonly parts: readonly Part[] };
}
async function document(): Promise<{ readonly info: { readonly version: string } }> {
  const answer = await fetch('/api/openapi.json', { signal: AbortSignal.timeout(10_000) });
  return (await answer.json()) as { readonly info: { readonly version: string } };
}

/** Which gateway this is, how it does, where the API is written down, and what to say when asking for help. */
export default function About() {
  const ready = useQuery({ queryKey: ['readyz', 'about'], queryFn: readiness, refetchInterval: 15_000 });
  const api = useQuery({ queryKey: ['openapi'], queryFn: document, staleTime: Number.POSITIVE_INFINITY });
  const version = api.data?.info.version ?? '…';
  const address = `${window.location.origin}/api/openapi.json`;
  const told = JSON.stringify({
    version,
    page: window.location.href,
    agent: navigator.userAgent,
    parts: ready.data?.parts,
  });
  return (
    <Page title={t('nav.about')}>
      <div className="columns">
        <section className="sheet">
          <h2>{t('app.name')}</h2>
          <dl className="two">
            <dt>{t('about.version')}</dt>
            <dd>{version}</dd>
            <dt>{t('about.licence')}</dt>
            <dd>{LICENCE}</dd>
            <dt>{t('about.running')}</dt>
            <dd>{ready.data && <Ago at={began(ready.data.parts)} />}</dd>
            <dt>{t('about.api')}</dt>
            <dd>
              <a href="/api/docs">{t('about.apiDocs')}</a> ·{' '}
              <Typography.Text copyable={{ text: address }}>{address}</Typography.Text>
            </dd>
            <dt>{t('nav.help')}</dt>
            <dd>
              <Link to="/help">{t('help.all')}</Link>
            </dd>
          </dl>
        </section>
        <section className="sheet">
          <h2>{t('about.ask')}</h2>
          <p>{t('about.askHow')}</p>
          <Typography.Paragraph copyable={{ text: told }}>{t('about.told')}</Typography.Paragraph>
        </section>
      </div>
      <section className="sheet">
        <h2>{t('overview.self')}</h2>
        <Loaded query={ready}>
          {({ parts }) => (
            <table className="parts">
              <tbody>
                {parts.map(({ name, state, reason, detail, since }) => (
                  <tr key={name}>
                    <th scope="row">{tCode('self', name)}</th>
                    <td>
                      <Mark tone={SIGN[state][0]} shape={SIGN[state][1]} label={tCode('part', state)} />
                    </td>
                    <td>
                      {state !== 'ready' && (
                        <>
                          {tCode('trouble', reason)} {detail && <code>{detail}</code>}
                        </>
                      )}
                    </td>
                    <td className="quiet">{t('about.since', { time: exactTime(since) })}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Loaded>
      </section>
    </Page>
  );
}

/** The part that has been as it is the longest tells when the gateway began. */
const began = (parts: readonly Part[]): string | null =>
  parts.map(({ since }) => since).reduce<string | null>((a, b) => (a && Date.parse(a) < Date.parse(b) ? a : b), null);
