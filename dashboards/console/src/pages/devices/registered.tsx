import { Link } from '@tanstack/react-router';
import { Alert, Button, Typography } from 'antd';
import { useEffect, useState } from 'react';
import { useMay } from '../../app/rights.ts';
import { language, t } from '../../language.ts';
import { hand } from '../../parts/file.ts';
import { StateMark } from '../../parts/marks.tsx';
import type { Made } from './register.tsx';

/** The new device: its login, once, and what comes next. */
export function Registered({ made: { device, credentials, warnings }, again }: { made: Made; again: () => void }) {
  const may = useMay();
  const [kept, setKept] = useState(false);
  const secret = credentials.password;
  useEffect(() => {
    if (kept || !secret) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [kept, secret]);
  const save = () => {
    const lines = [
      `${t('registered.device')}: ${device.name} (${device.id})`,
      `${t('registered.username')}: ${credentials.username}`,
      `${t('registered.password')}: ${secret ?? ''}`,
    ];
    hand(new Blob([`${lines.join('\r\n')}\r\n`], { type: 'text/plain;charset=utf-8' }), `${device.id}.txt`);
    setKept(true);
  };
  const next = device.lifecycle === 'pending' ? 'pending' : device.lifecycle === 'trial' ? 'trial' : 'active';
  return (
    <section className="sheet registered">
      <h2>
        {t('registered.title', { name: device.name })} <StateMark of="lifecycle" code={device.lifecycle} />
      </h2>
      {secret && (
        <>
          <Alert type="warning" showIcon title={t('registered.once')} />
          <dl className="two">
            <dt>{t('registered.username')}</dt>
            <dd>
              <Typography.Text code copyable>
                {credentials.username}
              </Typography.Text>
            </dd>
            <dt>{t('registered.password')}</dt>
            <dd>
              <Typography.Text code copyable={{ onCopy: () => setKept(true) }}>
                {secret}
              </Typography.Text>
            </dd>
          </dl>
          <Button onClick={save}>{t('registered.save')}</Button>
        </>
      )}
      {warnings.map((warning) => (
        <Alert
          key={`${warning.field}${warning.zh}`}
          type="warning"
          showIcon
          title={language() === 'en' ? warning.en : warning.zh}
        />
      ))}
      <h3>{t('registered.next')}</h3>
      <p>{t(`registered.next.${next}`)}</p>
      <div className="devices-tools">
        <Link to="/devices/$id" params={{ id: device.id }}>
          <Button type="primary">{t('registered.open')}</Button>
        </Link>
        {may('quarantine', 'read') && (
          <Link to="/vendor/validator" search={{ device: device.id }}>
            <Button>{t('registered.validate')}</Button>
          </Link>
        )}
        <Link to="/devices/labels" search={{ ids: device.id }}>
          <Button>{t('registered.label')}</Button>
        </Link>
        <Button onClick={again}>{t('registered.again')}</Button>
      </div>
    </section>
  );
}
