import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Alert, Button, Spin } from 'antd';
import { api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { LivePicture } from '../../parts/live/live-picture.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Ago } from '../../parts/time.tsx';

interface FirstFrameProps {
  readonly camera: string;
  readonly pending: boolean;
  readonly archiveFailed: boolean;
  readonly again: () => void;
}

/** Last step: the camera shows something, or says why not. */
export function FirstFrame({ camera, pending, archiveFailed, again }: FirstFrameProps) {
  const may = useMay();
  const record = useQuery({
    queryKey: ['camera', camera, 'first'],
    queryFn: () => body(api.GET('/api/v1/cameras/{id}', { params: { path: { id: camera } } })),
    enabled: may('cameras', 'read') && !pending,
    refetchInterval: ({ state }) => (state.data?.firstFrameAt ? false : 1_000),
  });
  return (
    <section className="sheet onboard-done">
      <h2>{t('onboard.done', { id: camera })}</h2>
      {archiveFailed && <Alert type="warning" showIcon title={t('onboard.archiveFailed')} />}
      {pending ? (
        <Alert
          type="info"
          showIcon
          title={t('onboard.pendingApproval')}
          action={may('devices', 'decide') && <Link to="/registrations">{t('onboard.toApproval')}</Link>}
        />
      ) : (
        may('cameras', 'read') && (
          <Loaded query={record}>
            {({ firstFrameAt, health, factsError }) =>
              firstFrameAt ? (
                <>
                  <p role="status">
                    {t('onboard.firstFrame')} <Ago at={firstFrameAt} />
                  </p>
                  <div className="onboard-frame">
                    <LivePicture camera={camera} />
                  </div>
                </>
              ) : (
                <p role="status">
                  <Spin size="small" /> {t('onboard.waiting')}
                  {health.state !== 'online' && health.state !== 'unknown' && (
                    <span> {t('onboard.noFrame', { reason: tCode('reason', factsError ?? health.reason) })}</span>
                  )}
                </p>
              )
            }
          </Loaded>
        )
      )}
      <div className="onboard-acts">
        <Button type="primary" onClick={again}>
          {t('onboard.again')}
        </Button>
        <Link to="/devices/$id" params={{ id: camera }}>
          {t('video.toDevice')}
        </Link>
      </div>
    </section>
  );
}
