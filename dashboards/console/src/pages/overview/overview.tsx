import { useQuery } from '@tanstack/react-query';
import { api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { Availability } from './availability.tsx';
import { Headline } from './headline.tsx';
import { OpenIncidents } from './open-incidents.tsx';
import { SelfCheck } from './self-check.tsx';
import { Stages } from './stages.tsx';
import './overview.css';

/** What the duty desk looks at first: is anything wrong, where, and is somebody on it. */
export default function Overview() {
  const may = useMay();
  const counts = useQuery({
    queryKey: ['overview'],
    queryFn: () => body(api.GET('/api/v1/overview')),
    refetchInterval: 15_000,
  });
  return (
    <Page title={t('overview.title')} guide="overview">
      <Loaded query={counts}>{(data) => <Headline counts={data} />}</Loaded>
      {may('tickets', 'read') && <Loaded query={counts}>{(data) => <Stages byStage={data.tickets.byStage} />}</Loaded>}
      <div className="overview-halves">
        {may('reports', 'read') && <Availability />}
        {may('incidents', 'read') && <OpenIncidents />}
      </div>
      <SelfCheck />
    </Page>
  );
}
