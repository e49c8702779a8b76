import { useQuery } from '@tanstack/react-query';
import { type Answer, api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { Sample } from './sample.tsx';

/** How this device connects: address, login, topics, and a command that sends a first message. */
export function Connection({ device }: { device: Answer<'Device'> }) {
  const endpoint = useQuery({ queryKey: ['mqtt'], queryFn: () => body(api.GET('/api/v1/mqtt')), staleTime: 300_000 });
  const type = useQuery({
    queryKey: ['lists', 'type', device.type],
    queryFn: () => body(api.GET('/api/v1/device-types/{id}', { params: { path: { id: device.type } } })),
    staleTime: 60_000,
    retry: false,
  });
  if (device.connection !== null || !endpoint.data) return null;
  const { port, tlsPort } = endpoint.data;
  const host = endpoint.data.host ?? window.location.hostname;
  const example = exampleOf(type.data?.definition);
  const topics = topicsOf(type.data?.definition).map((topic) => fill(topic, device));
  const direct = topics.every((topic) => topic.startsWith('cgw/'));
  const user = direct ? device.id : `vendor:${device.vendorId ?? ''}`;
  const topic = topics[0] ?? `cgw/v1/${device.id}/telemetry`;
  const safe = port === null && tlsPort !== null;
  const command = [
    `mosquitto_pub -h ${host} -p ${port ?? tlsPort ?? 1883}${safe ? ' --cafile ca.pem' : ''}`,
    `-u ${user} -P ${t('connection.secret')} -i ${device.id}-1 -q 1`,
    `-t '${topic}' -m '${example.replaceAll("'", "'\\''")}'`,
  ].join(' \\\n  ');
  return (
    <details className="sheet connection">
      <summary>
        <h2>{t('connection.title')}</h2>
        <code>
          {host}:{port ?? tlsPort}
        </code>
      </summary>
      <dl className="two">
        <dt>{t('connection.host')}</dt>
        <dd>
          <code>{host}</code>
        </dd>
        <dt>{t('connection.port')}</dt>
        <dd>
          {port !== null && <code>{port}</code>} {port !== null && t('connection.plain')}{' '}
          {tlsPort !== null && <code>{tlsPort}</code>} {tlsPort === null ? t('connection.noTls') : t('connection.tls')}
        </dd>
        <dt>{t('connection.client')}</dt>
        <dd>{t('connection.client.any')}</dd>
        <dt>{t('connection.user')}</dt>
        <dd>
          <code>{user}</code>
        </dd>
        <dt>{t('connection.password')}</dt>
        <dd>{t(direct ? 'connection.password.device' : 'connection.password.vendor')}</dd>
        <dt>{t('connection.topics')}</dt>
        <dd>
          {topics.map((one) => (
            <div key={one}>
              <code>{one}</code>
            </div>
          ))}
        </dd>
        <dt>{t('connection.errors')}</dt>
        <dd>
          <code>{`cgw/v1/${device.id}/error`}</code>
        </dd>
      </dl>
      <Sample label={t('connection.sample')} text={command} />
    </details>
  );
}

interface Definition {
  readonly topics?: readonly (string | { readonly topic: string })[];
  readonly identify?: { readonly from?: unknown; readonly match?: string };
  readonly examples?: readonly { readonly payload: unknown; readonly refused?: string }[];
}

export const topicsOf = (definition: unknown): string[] =>
  ((definition ?? {}) as Definition).topics?.map((one) => (typeof one === 'string' ? one : one.topic)) ?? [];

/** The first message of the type that is not a broken one, on one line. */
function exampleOf(definition: unknown): string {
  const usual = ((definition ?? {}) as Definition).examples?.find(({ refused }) => refused === undefined)?.payload;
  if (usual === undefined) return '{}';
  return typeof usual === 'string' ? usual : JSON.stringify(usual);
}

const fill = (topic: string, { id, serial, externalId }: Answer<'Device'>): string =>
  topic
    .replace('{deviceId}', id)
    .replace('{serial}', serial ?? '{serial}')
    .replace('{externalId}', externalId ?? '{externalId}');
