import { Link } from '@tanstack/react-router';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { Availability } from './availability.tsx';
import { useCounts } from './data.ts';
import { Freshness } from './freshness.tsx';
import { Headline } from './headline.tsx';
import { OpenIncidents } from './open-incidents.tsx';
import { SelfCheck } from './self-check.tsx';
import { Stages } from './stages.tsx';
import './overview.css';

/** What the duty desk looks at first: is anything wrong, where, and is somebody on it. */
export default function Overview() {
  const may = useMay();
  const counts = useCounts();
  return (
    <Page title={t('overview.title')} guide="maintainer-guide" actions={<Link to="/wall">{t('overview.toWall')}</Link>}>
      <Loaded query={counts}>
        {(data) => (
          <>
            <Headline counts={data} />
            {may('tickets', 'read') && <Stages tickets={data.tickets} />}
          </>
        )}
      </Loaded>
      <div className="overview-halves">
        {may('reports', 'read') && <Availability />}
        {may('incidents', 'read') && <OpenIncidents />}
      </div>
      <div className="overview-halves">
        {counts.data && <Freshness heard={counts.data.devices.heard} />}
        <SelfCheck />
      </div>
    </Page>
  );
}
