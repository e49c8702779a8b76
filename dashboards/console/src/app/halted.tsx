import { useQuery } from '@tanstack/react-query';
import { Alert } from 'antd';
import { api, body } from '../api/client.ts';
import { t } from '../language.ts';
import { exactTime } from '../parts/time.tsx';
import { useMay } from './rights.ts';

/** Nobody is judged now: whoever looks at states on any page must know since when they stand still. */
export function Halted() {
  const may = useMay();
  const { data } = useQuery({
    queryKey: ['overview'],
    queryFn: () => body(api.GET('/api/v1/overview')),
    enabled: may('devices', 'read'),
    refetchInterval: 15_000,
  });
  const halted = data?.judgement.paths[0];
  if (!halted) return null;
  return (
    <Alert
      type="error"
      showIcon
      banner
      title={t(`judgement.${halted.state}`, { time: exactTime(halted.since).slice(11) })}
    />
  );
}
