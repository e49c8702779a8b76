import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { Paper } from '../../parts/print.tsx';
import { labelAddress, Qr } from '../../parts/qr.tsx';
import './labels.css';

/** Labels of devices to stick on: who scans one is at the device's page. */
export default function Labels() {
  const { ids: asked } = useSearch({ strict: false }) as { ids?: unknown };
  const ids = String(asked ?? '')
    .split(',')
    .filter((id) => id !== '');
  const devices = useQuery({
    queryKey: ['devices', 'labels', ids],
    queryFn: async () => {
      const read = (id: string) => body(api.GET('/api/v1/devices/{id}', { params: { path: { id } } }));
      const found = [];
      // Some at a time: a sheet of hundreds must not be hundreds of requests at once.
      for (let at = 0; at < ids.length; at += 6) found.push(...(await Promise.all(ids.slice(at, at + 6).map(read))));
      return found;
    },
    enabled: ids.length > 0,
  });
  if (ids.length === 0) return <Nothing title={t('devices.labels.none')} />;
  return (
    <Paper title={t('devices.labels')} subtitle={t('devices.labels.words', { n: ids.length })}>
      <Loaded query={devices}>
        {(found) => (
          <ul className="labels">
            {found.map(({ id, name, nickname }) => (
              <li key={id}>
                <Qr text={labelAddress(id)} size={84} label={t('devices.labels.of', { name })} />
                <span className="label-words">
                  <b>{name}</b>
                  {nickname && <span>{nickname}</span>}
                  <code>{id}</code>
                  <small>{t('devices.labels.scan')}</small>
                </span>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Paper>
  );
}
