import { ReloadOutlined } from '@ant-design/icons';
import { useMutation } from '@tanstack/react-query';
import { Button } from 'antd';
import { type Answer, api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { Mark } from '../../parts/mark.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { isOffline } from '../../parts/queue/send.ts';
import { exactTime } from '../../parts/time.tsx';
import { reasonWords } from './ticket-facts.ts';

type Probe = Answer<'DeviceProbe'>;
/** A picture is looked at for some seconds; a dead address takes its time to be one. */
const PATIENCE_MS = 100_000;

/** Looks at the device now, as the gateway will when the repair is reported. `fault` = whether that one is gone. */
export function Recheck({ device, fault }: { device: string; fault?: string }) {
  const look = useMutation({
    networkMode: 'always',
    mutationFn: () =>
      body(
        api.POST('/api/v1/devices/{id}/probe', {
          params: { path: { id: device } },
          body: fault === undefined ? {} : { fault },
          fetch: (request) => fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) }),
        }),
      ),
  });
  return (
    <>
      <Button size="large" icon={<ReloadOutlined />} loading={look.isPending} onClick={() => look.mutate()}>
        {t('field.recheck')}
      </Button>
      <div role="status" aria-live="polite">
        {look.isPending && <span className="quiet">{t('field.rechecking')}</span>}
        {look.isIdle && <span className="quiet">{t('field.recheckHint')}</span>}
        {look.isSuccess && <Result probe={look.data} />}
        {look.isError &&
          (isOffline(look.error) ? (
            <span className="field-bad">{t('field.recheckOffline')}</span>
          ) : (
            <ProblemNotice error={look.error} />
          ))}
      </div>
    </>
  );
}

function Result({ probe: { ok, at, reason } }: { probe: Probe }) {
  const time = exactTime(at).slice(11);
  const label = ok ? t('field.recheckGood', { time }) : t('field.recheckBad', { why: reasonWords(reason), time });
  return (
    <span className={ok ? 'field-good' : 'field-bad'}>
      <Mark tone={ok ? 'good' : 'bad'} shape={ok ? 'disc' : 'square'} label={label} />
    </span>
  );
}
