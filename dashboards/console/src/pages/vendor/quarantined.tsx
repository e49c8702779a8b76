import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type Answer, api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { exactTime } from '../../parts/time.tsx';
import { Refused } from './decoded.tsx';
import { Reread } from './messages.tsx';
import { Payload } from './payload.tsx';
import { say } from './words.ts';

/** One refused message: why, what was sent, and what the type as it is now would make of it. */
export function QuarantinedDetail({ row }: { row: Answer<'QuarantinedMessage'> }) {
  const { code, title, remedy, told, deviceId, topic, principal, via, receivedAt, payload, payloadEncoding } = row;
  const device = useQuery({
    queryKey: ['devices', 'one', deviceId],
    enabled: deviceId !== null,
    retry: false,
    queryFn: () => body(api.GET('/api/v1/devices/{id}', { params: { path: { id: deviceId ?? '' } } })),
  });
  return (
    <>
      <Refused
        title={title ? say(title) : tCode('refused', code)}
        detail={say(told)}
        remedy={remedy ? say(remedy) : null}
      />
      <dl className="two">
        <dt>{t('quarantine.at')}</dt>
        <dd>{exactTime(receivedAt)}</dd>
        <dt>{t('quarantine.device')}</dt>
        <dd>
          {deviceId ? (
            <Link to="/devices/$id" params={{ id: deviceId }}>
              {deviceId}
            </Link>
          ) : (
            t('quarantine.noDevice')
          )}
        </dd>
        <dt>{t('validator.topic')}</dt>
        <dd>
          <code>{topic}</code>
        </dd>
        <dt>{t('validator.login')}</dt>
        <dd>
          <code>{principal}</code> · {via}
        </dd>
      </dl>
      <Payload text={payload} encoding={payloadEncoding} />
      {device.data && <Reread type={device.data.type} topic={topic} payload={payload} encoding={payloadEncoding} />}
    </>
  );
}
