import { useQueryClient } from '@tanstack/react-query';
import { type Answer, api } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';

interface DecisionsProps {
  readonly id: string;
  readonly versions: readonly Answer<'DeviceTypeVersion'>[];
}

/** What the operations centre decides about a type: serve what was submitted, refuse it, take the type out of service. */
export function Decisions({ id, versions }: DecisionsProps) {
  const may = useMay();
  const again = useRefresh(id);
  if (!may('deviceTypes', 'decide') || versions.length === 0) return null;
  const waiting = versions.find(({ state }) => state === 'submitted');
  const params = { path: { id } };
  const act = async (call: Promise<unknown>) => {
    await call;
    await again();
  };
  return (
    <span className="type-decisions">
      {waiting && (
        <>
          <ConfirmButton
            type="primary"
            size="small"
            reason
            title={t('types.approve')}
            consequence={t('types.approve.consequence', { n: waiting.version })}
            act={(reason) =>
              act(api.POST('/api/v1/device-types/{id}/approve', { params, body: { reason, version: waiting.version } }))
            }
          >
            {t('types.approve')}
          </ConfirmButton>
          <ConfirmButton
            danger
            size="small"
            reason
            title={t('types.reject')}
            consequence={t('types.reject.consequence')}
            act={(reason) =>
              act(api.POST('/api/v1/device-types/{id}/reject', { params, body: { reason, version: waiting.version } }))
            }
          >
            {t('types.reject')}
          </ConfirmButton>
        </>
      )}
      <ConfirmButton
        danger
        size="small"
        reason
        title={t('types.retire')}
        consequence={t('types.retire.consequence')}
        act={(reason) => act(api.POST('/api/v1/device-types/{id}/retire', { params, body: { reason } }))}
      >
        {t('types.retire')}
      </ConfirmButton>
    </span>
  );
}

export function useRefresh(id: string) {
  const queries = useQueryClient();
  return async () => {
    await Promise.all([
      queries.invalidateQueries({ queryKey: ['lists'] }),
      queries.invalidateQueries({ queryKey: ['type', id] }),
    ]);
  };
}
