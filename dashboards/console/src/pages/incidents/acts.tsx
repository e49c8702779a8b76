import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type Answer, api } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { SeeTo } from './see-to.tsx';

type Incident = Answer<'Incident'>;

/** Whether there is anything this person may do about incidents. */
export function useMayAct(): boolean {
  const may = useMay();
  return may('incidents', 'update') || may('maintenanceWindows', 'update') || may('maintenanceWindows', 'create');
}

/** What may be done about an incident: know of it, silence it, take its devices out of service. */
export function Acts({ incident }: { incident: Incident }) {
  const may = useMay();
  const queries = useQueryClient();
  const { id, state, lifeSafety, members, fault } = incident;
  if (state !== 'open') return null;
  const devices = members.map(({ deviceId }) => deviceId).slice(0, 100);
  const prefilled = { devices: devices.join(','), fault, incident: id };
  return (
    <span className="acts">
      {lifeSafety && may('incidents', 'update') && (
        <ConfirmButton
          size="small"
          title={t('act.acknowledge')}
          consequence={t('act.acknowledge.told')}
          act={async () => {
            const path = { params: { path: { id: incident.ticket?.id ?? id } } };
            if (incident.ticket) await api.POST('/api/v1/tickets/{id}/acknowledge', path);
            else await api.POST('/api/v1/incidents/{id}/acknowledge', path);
            await queries.invalidateQueries({ queryKey: ['incidents'] });
          }}
        >
          {t('act.acknowledge')}
        </ConfirmButton>
      )}
      {!lifeSafety && may('incidents', 'update') && <SeeTo id={id} />}
      {may('maintenanceWindows', 'update') && (
        <Link to="/system/quiet" search={{ tab: 'silence', new: 'silence', ...prefilled }}>
          {t('incidents.silence')}
        </Link>
      )}
      {may('maintenanceWindows', 'create') && (
        <Link to="/system/quiet" search={{ tab: 'maintenance', new: 'maintenance', ...prefilled }}>
          {t('incidents.maintenance')}
        </Link>
      )}
    </span>
  );
}
