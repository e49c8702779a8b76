import { Link } from '@tanstack/react-router';
import { Button, Input } from 'antd';
import { useState } from 'react';
import { t, tCode } from '../../language.ts';
import { Mark } from '../../parts/mark.tsx';
import { Ago } from '../../parts/time.tsx';
import type { Finding, Given } from './inspection.tsx';

const RESULTS = ['normal', 'abnormal'] as const;

/** One finding of the gateway and what a person says of it; written down at once, so that several may fill in. */
export function Item({ finding, give }: { finding: Finding; give?: (given: Given) => Promise<unknown> }) {
  const { n, name, place, since, reason, result, note, deviceId, ticketId } = finding;
  const [typed, setTyped] = useState(note ?? '');
  const [busy, setBusy] = useState(false);
  const tell = async (chosen: 'normal' | 'abnormal') => {
    setBusy(true);
    // What went wrong stands above the list.
    await give?.({ n, result: chosen, ...(typed.trim() && { note: typed.trim() }) }).catch(() => undefined);
    setBusy(false);
  };
  return (
    <li className="inspection-item">
      <div>
        {deviceId ? (
          <Link to="/devices/$id" params={{ id: deviceId }}>
            {name}
          </Link>
        ) : (
          name
        )}
        <div className="quiet">
          {[place, reason && tCode('reason', reason)].filter(Boolean).join(' · ')} {since && <Ago at={since} />}
          {ticketId && (
            <>
              {' '}
              <Link to="/tickets/$id" params={{ id: ticketId }}>
                {t('inspections.ticket')}
              </Link>
            </>
          )}
        </div>
      </div>
      {give ? (
        <div className="inspection-answer">
          <fieldset className="inspection-choice" aria-label={t('inspections.resultOf', { name })}>
            {RESULTS.map((one) => (
              <Button
                key={one}
                type={result === one ? 'primary' : 'default'}
                danger={one === 'abnormal' && result === one}
                aria-pressed={result === one}
                loading={busy && result !== one}
                onClick={() => tell(one)}
              >
                {tCode('inspectionResult', one)}
              </Button>
            ))}
          </fieldset>
          <Input
            value={typed}
            maxLength={500}
            placeholder={t('inspections.note')}
            aria-label={t('inspections.noteOf', { name })}
            onChange={({ target }) => setTyped(target.value)}
            onBlur={() => {
              if (result && typed.trim() && typed.trim() !== (note ?? '')) void tell(result);
            }}
          />
        </div>
      ) : (
        <div className="inspection-answer">
          {result ? (
            <Mark
              tone={result === 'normal' ? 'good' : 'bad'}
              shape={result === 'normal' ? 'disc' : 'square'}
              label={tCode('inspectionResult', result)}
            />
          ) : (
            <span className="quiet">{t('inspections.unanswered')}</span>
          )}
          {note && <p>{note}</p>}
        </div>
      )}
    </li>
  );
}
