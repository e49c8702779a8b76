import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Alert, Typography } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { labelAddress, Qr } from '../../parts/qr.tsx';
import { exactTime } from '../../parts/time.tsx';
import { inWords, isCamera } from './type.ts';

type Device = Answer<'Device'>;

const VERDICT = {
  stored: ['good', 'disc'],
  partly: ['warning', 'triangle'],
  duplicate: ['none', 'bar'],
  quarantined: ['odd', 'diamond'],
  rejected: ['bad', 'cross'],
} as const;

/** How it gets in: topics, login, last messages with what became of them, label. */
export function Access({ device }: { device: Device }) {
  const may = useMay();
  return (
    <>
      <div className="device-halves">
        <Connection device={device} />
        <section className="sheet">
          <h2>{t('access.label')}</h2>
          <div className="device-label">
            <Qr text={labelAddress(device.id)} label={t('access.label.of', { name: device.name })} />
            <div>
              <b>{device.name}</b>
              <p>{device.id}</p>
              <p className="quiet">{t('access.label.use')}</p>
            </div>
          </div>
        </section>
      </div>
      {may('telemetry', 'read') && !isCamera(device) && <Messages id={device.id} />}
    </>
  );
}

function Connection({ device }: { device: Device }) {
  const may = useMay();
  const [shown, setShown] = useState<Answer<'DeviceCredentials'> | null>(null);
  const camera = isCamera(device);
  const { link, connection } = device;
  const rows: readonly (readonly [string, string])[] = camera
    ? [
        [t('access.address'), connection?.url ?? connection?.host ?? ''],
        [t('access.user'), connection?.username ?? ''],
        [t('access.password'), t(device.hasConnectionPassword ? 'access.password.set' : 'access.password.none')],
      ]
    : [
        [t('access.user'), device.id],
        [t('access.topic.up'), `cgw/v1/${device.id}/telemetry`],
        [t('access.topic.event'), `cgw/v1/${device.id}/event`],
        [t('access.topic.state'), `cgw/v1/${device.id}/state`],
        [t('access.topic.down'), `cgw/v1/${device.id}/command`],
        [
          t('access.session'),
          link ? `${tCode('session', link.state)} · ${tCode('reason', link.reason)} · ${exactTime(link.since)}` : '',
        ],
      ];
  return (
    <section className="sheet">
      <h2 className="device-line">
        {t('access.title')}
        {may('devices', 'update') && !camera && (
          <ConfirmButton
            size="small"
            danger
            title={t('access.rotate')}
            consequence={t('access.rotate.consequence')}
            act={async () => {
              const made = await body(
                api.POST('/api/v1/devices/{id}/credentials', { params: { path: { id: device.id } } }),
              );
              setShown(made);
            }}
          >
            {t('access.rotate')}
          </ConfirmButton>
        )}
      </h2>
      {shown && <Secret credentials={shown} done={() => setShown(null)} />}
      <dl className="two">
        {rows.map(([name, value]) => [
          <dt key={`${name}.`}>{name}</dt>,
          <dd key={name}>
            {value ? (
              <Typography.Text copyable={{ text: value }}>{value}</Typography.Text>
            ) : (
              <span className="quiet">{t('device.none')}</span>
            )}
          </dd>,
        ])}
      </dl>
      {!camera && (
        <p>
          <Link to="/vendor/validator" search={{ device: device.id }}>
            {t('access.validator')}
          </Link>
        </p>
      )}
    </section>
  );
}

/** Shown this once; who leaves without it makes another. */
export function Secret({ credentials, done }: { credentials: Answer<'DeviceCredentials'>; done: () => void }) {
  return (
    <Alert
      type="warning"
      showIcon
      closable={{ onClose: done }}
      title={t('access.once')}
      description={
        <dl className="two">
          <dt>{t('access.user')}</dt>
          <dd>
            <Typography.Text copyable={{ text: credentials.username }}>{credentials.username}</Typography.Text>
          </dd>
          <dt>{t('access.password')}</dt>
          <dd>
            {credentials.password ? (
              <Typography.Text code copyable={{ text: credentials.password }}>
                {credentials.password}
              </Typography.Text>
            ) : (
              t('access.gone')
            )}
          </dd>
        </dl>
      }
    />
  );
}

function Messages({ id }: { id: string }) {
  const messages = useQuery({
    queryKey: ['device-messages', id],
    queryFn: () => body(api.GET('/api/v1/devices/{id}/messages', { params: { path: { id } } })),
    refetchInterval: 3_000,
  });
  return (
    <section className="sheet">
      <h2>{t('access.messages')}</h2>
      <Loaded query={messages}>
        {({ items, since }) =>
          items.length === 0 ? (
            <Nothing
              title={t('access.noMessages', { since: exactTime(since) })}
              next={<span>{t('access.noMessages.next')}</span>}
            />
          ) : (
            <ul className="device-log">
              {items.map((one) => (
                <li key={`${one.receivedAt}${one.topic}${one.payload}`}>
                  <span className="device-line">
                    <time dateTime={one.receivedAt}>{exactTime(one.receivedAt).slice(11)}</time>
                    <Mark
                      tone={VERDICT[one.verdict][0]}
                      shape={VERDICT[one.verdict][1]}
                      label={t(`access.verdict.${one.verdict}`)}
                    />
                    <code>{one.topic}</code>
                    <span className="quiet">{t('access.size', { n: one.size ?? 0, readings: one.readings })}</span>
                  </span>
                  {(one.title || one.code) && (
                    <p>
                      {one.title ? inWords(one.title) : tCode('refused', one.code ?? '')}{' '}
                      {one.told && inWords(one.told)} {one.remedy && inWords(one.remedy)}
                    </p>
                  )}
                  <pre className="payload">{one.payload}</pre>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}
