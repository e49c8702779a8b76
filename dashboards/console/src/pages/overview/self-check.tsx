import { Link } from '@tanstack/react-router';
import { t, tCode } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { Ago } from '../../parts/time.tsx';
import { useReadiness } from './data.ts';
import { detailWords } from './self-words.ts';

export const SIGN = { ready: ['good', 'disc'], degraded: ['warning', 'triangle'], down: ['bad', 'square'] } as const;

/** The gateway about itself, part by part; of what is not well, why and what to do. */
export function SelfCheck() {
  const ready = useReadiness();
  return (
    <section className="sheet">
      <h2>
        {t('overview.self')}
        <Link className="more" to="/system/about">
          {t('overview.toAbout')}
        </Link>
      </h2>
      <Loaded query={ready}>
        {({ parts }) => (
          <>
            <ul className="self">
              {parts.map(({ name, state }) => (
                <li key={name}>
                  <Mark tone={SIGN[state][0]} shape={SIGN[state][1]} label={tCode('self', name)} />
                </li>
              ))}
            </ul>
            {parts.some(({ state }) => state !== 'ready') && (
              <dl className="self-bad">
                {parts
                  .filter(({ state }) => state !== 'ready')
                  .map(({ name, state, reason, detail, since }) => (
                    <div key={name}>
                      <dt>
                        <Mark tone={SIGN[state][0]} shape={SIGN[state][1]} label={tCode('self', name)} />{' '}
                        {tCode('trouble', reason)} · <Ago at={since} />
                      </dt>
                      <dd>
                        {detail && <Detail reason={reason} detail={detail} />}{' '}
                        {tCode('remedy', reason) === reason ? '' : tCode('remedy', reason)}
                      </dd>
                    </div>
                  ))}
              </dl>
            )}
          </>
        )}
      </Loaded>
    </section>
  );
}

function Detail({ reason, detail }: { reason: string; detail: string }) {
  const words = detailWords(reason, detail);
  return words === null ? <code>{detail}</code> : <b className="self-detail">{words}</b>;
}
