import { DownloadOutlined } from '@ant-design/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Progress, Select } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { PurposeForm } from '../../parts/live/purpose.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Ago, useNow } from '../../parts/time.tsx';

const LENGTHS = [10, 20, 30, 60] as const;
type Clip = Answer<'Clip'>;

/** 离线采集: a short file from now on, with masks, name, purpose and time burnt in. */
export function Clips({ camera }: { camera: string }) {
  const [seconds, setSeconds] = useState<number>(30);
  const queries = useQueryClient();
  const path = { id: camera };
  const key = ['clips', camera];
  const clips = useQuery({
    queryKey: key,
    queryFn: () => body(api.GET('/api/v1/cameras/{id}/clips', { params: { path, query: { limit: 20 } } })),
    refetchInterval: ({ state }) => (state.data?.items.some((clip) => clip.state === 'recording') ? 1_000 : 30_000),
  });
  const record = useMutation({
    mutationFn: (purpose: string) =>
      body(api.POST('/api/v1/cameras/{id}/clips', { params: { path }, body: { purpose, seconds } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
  return (
    <>
      <div className="clip-length">
        {t('video.clip.length')}
        <Select<number>
          aria-label={t('video.clip.length')}
          value={seconds}
          onChange={setSeconds}
          options={LENGTHS.map((n) => ({ value: n, label: t('time.seconds', { n }) }))}
        />
      </div>
      <PurposeForm go={(purpose) => record.mutate(purpose)} label={t('video.clip.record')} />
      <p className="quiet">{t('video.clip.note')}</p>
      {record.isError && <ProblemNotice error={record.error} />}
      <Loaded query={clips}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing title={t('video.clip.none')} />
          ) : (
            <ul className="clips">
              {items.map((clip) => (
                <OneClip key={clip.id} clip={clip} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </>
  );
}

function OneClip({ clip }: { clip: Clip }) {
  useNow();
  const { id, deviceId, state, seconds, createdAt, purpose, userName, bytes, reason, expiresAt } = clip;
  const done = Math.min(99, ((Date.now() - Date.parse(createdAt)) / (seconds * 1_000)) * 100);
  return (
    <li>
      <div>
        <Ago at={createdAt} /> · {t('time.seconds', { n: seconds })} · {userName}
        {clip.masked && ` · ${t('live.masked')}`}
      </div>
      <div className="quiet">{purpose}</div>
      {state === 'recording' && (
        <Progress size="small" percent={Math.round(done)} aria-label={t('video.clip.recording')} />
      )}
      {state === 'ready' && (
        <Button
          size="small"
          icon={<DownloadOutlined />}
          href={`/api/v1/cameras/${encodeURIComponent(deviceId)}/clips/${id}.mp4`}
          download
        >
          {t('video.clip.download', { size: ((bytes ?? 0) / 1_048_576).toFixed(1) })}
        </Button>
      )}
      {state === 'ready' && (
        <span className="quiet"> {t('video.clip.until', { time: expiresAt.slice(5, 16).replace('T', ' ') })}</span>
      )}
      {state === 'failed' && (
        <span className="clip-failed">{t('video.clip.failed', { reason: tCode('reason', reason ?? '') })}</span>
      )}
      {state === 'expired' && <span className="quiet">{t('video.clip.expired')}</span>}
    </li>
  );
}
