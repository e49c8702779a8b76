import { useQueryClient } from '@tanstack/react-query';
import { Alert } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { useMe } from '../../app/session.tsx';
import { t } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { StateMark } from '../../parts/marks.tsx';
import { Ago, exactTime } from '../../parts/time.tsx';
import { Secret } from './access.tsx';
import { History } from './history.tsx';
import { Replace } from './replace.tsx';
import { Trial, useAcceptance } from './trial.tsx';
import { isCamera } from './type.ts';

type Device = Answer<'Device'>;
const WAY = ['pending', 'trial', 'active', 'suspended', 'retired'] as const;
const STEPS = {
  pending: ['approve', 'return', 'reject'],
  trial: ['approve', 'return', 'reject'],
  active: ['suspend', 'retire'],
  suspended: ['reactivate', 'retire'],
  retired: ['reactivate'],
  rejected: ['approve'],
} as const;
type Step = (typeof STEPS)[keyof typeof STEPS][number];
/** A box can be put in the place of one that may connect. */
const CONNECTS: ReadonlySet<string> = new Set(['trial', 'active', 'suspended']);
const HARD: readonly string[] = ['reject', 'retire', 'suspend', 'return'];

/** Where it stands in its life, what can be decided now and what that does. */
export function Lifecycle({ device }: { device: Device }) {
  const may = useMay();
  const me = useMe();
  const queries = useQueryClient();
  const [secret, setSecret] = useState<Answer<'DeviceCredentials'> | null>(null);
  const path = { params: { path: { id: device.id } } };
  const { lifecycle, flags } = device;
  const after = () => queries.invalidateQueries({ queryKey: ['devices'] });
  const act = (step: Step) => async (reason: string, confirm: boolean) => {
    await (step === 'suspend' || step === 'retire'
      ? body(api.POST(`/api/v1/devices/{id}/${step}`, { ...path, body: { reason, confirm } }))
      : body(api.POST(`/api/v1/devices/{id}/${step}`, { ...path, body: { reason } })));
    await after();
  };
  const trial = lifecycle === 'pending' || lifecycle === 'trial';
  const returned = useAcceptance(device.id, trial).data?.returned != null;
  return (
    <>
      <section className="sheet">
        <h2>{t('lifecycle.title')}</h2>
        <ol className="life">
          {WAY.map((one) => (
            <li
              key={one}
              className={one === lifecycle ? 'now' : ''}
              aria-current={one === lifecycle ? 'step' : undefined}
            >
              <StateMark of="lifecycle" code={one} />
            </li>
          ))}
        </ol>
        <p>
          <StateMark of="lifecycle" code={lifecycle} /> <Ago at={device.lifecycleAt} />
          {device.lifecycleReason && ` · ${t('lifecycle.reason', { reason: device.lifecycleReason })}`}
        </p>
        {secret && <Secret credentials={secret} done={() => setSecret(null)} />}
        {flags.includes('zombie') && (
          <Alert
            type="error"
            showIcon
            title={t('lifecycle.zombie', {
              n: device.zombieCount,
              at: device.zombieAt ? exactTime(device.zombieAt) : '',
            })}
            description={t('lifecycle.zombie.next')}
          />
        )}
        {lifecycle === 'retired' && !flags.includes('zombie') && <p className="quiet">{t('lifecycle.silent')}</p>}
        <div className="device-line">
          {may('devices', 'decide') &&
            STEPS[lifecycle].map((step) => (
              <ConfirmButton
                key={step}
                reason
                danger={HARD.includes(step)}
                type={HARD.includes(step) ? 'default' : 'primary'}
                title={t(`lifecycle.${step}`)}
                consequence={t(
                  step === 'approve' && lifecycle === 'trial'
                    ? 'lifecycle.approve.trial'
                    : `lifecycle.${step}.consequence`,
                )}
                act={act(step)}
              >
                {t(`lifecycle.${step}`)}
              </ConfirmButton>
            ))}
          {may('devices', 'decide') && lifecycle === 'trial' && me.role === 'admin' && (
            <ConfirmButton
              reason
              danger
              title={t('lifecycle.override')}
              consequence={t('lifecycle.override.consequence')}
              act={async (reason) => {
                await body(api.POST('/api/v1/devices/{id}/approve', { ...path, body: { reason, override: true } }));
                await after();
              }}
            >
              {t('lifecycle.override')}
            </ConfirmButton>
          )}
          {may('devices', 'update') && returned && (
            <ConfirmButton
              title={t('lifecycle.resubmit')}
              consequence={t('lifecycle.resubmit.consequence')}
              act={async () => {
                await body(api.POST('/api/v1/devices/{id}/resubmit', { ...path, body: {} }));
                await after();
              }}
            >
              {t('lifecycle.resubmit')}
            </ConfirmButton>
          )}
          {may('devices', 'update') && CONNECTS.has(lifecycle) && (
            <Replace
              device={device}
              done={async (credentials) => {
                if (!isCamera(device)) setSecret(credentials);
                await after();
              }}
            />
          )}
          {may('devices', 'decide') && flags.includes('retirementCandidate') && (
            <ConfirmButton
              reason
              title={t('lifecycle.keep')}
              consequence={t('lifecycle.keep.consequence')}
              act={async (reason) => {
                await body(
                  api.POST('/api/v1/devices/{id}/retirement', { ...path, body: { decision: 'keep', reason } }),
                );
                await after();
              }}
            >
              {t('lifecycle.keep')}
            </ConfirmButton>
          )}
        </div>
      </section>
      {trial && <Trial id={device.id} />}
      <History id={device.id} only={['lifecycle', 'change']} />
    </>
  );
}
