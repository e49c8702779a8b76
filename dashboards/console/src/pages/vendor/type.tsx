import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { type Answer, api, body } from '../../api/client.ts';
import { Problem } from '../../api/problem.ts';
import { Forbidden } from '../../app/forbidden.tsx';
import { useMay } from '../../app/rights.ts';
import { useMe } from '../../app/session.tsx';
import { t } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { newText, renamed, textOf } from './text.ts';
import { TypeWork } from './type-work.tsx';
import './vendor.css';
import './types.css';

export interface Opened {
  /** null = not saved yet. */
  readonly id: string | null;
  readonly title: string;
  readonly builtIn: boolean;
  readonly versions: readonly Answer<'DeviceTypeVersion'>[];
  readonly source: string;
}

/** One device type: its text or its table of fields, a message beside it, and what would come of that message. */
export default function Type() {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const [{ like }] = useFilters();
  const { vendorId } = useMe();
  const may = useMay();
  const opened = useQuery({
    queryKey: ['type', id, like ?? '', vendorId],
    queryFn: () => (id === 'new' ? begin(like, vendorId) : openType(id)),
    // What is being written is not exchanged under the writer's hands.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  if (id === 'new' && !may('deviceTypes', 'create')) return <Forbidden />;
  const own = vendorId === null || id.startsWith(`${vendorId}/`);
  return (
    <Loaded query={opened}>
      {(data) => (
        <TypeWork
          key={data.id ?? `new ${like ?? ''}`}
          opened={data}
          mayWrite={
            may('deviceTypes', data.id === null ? 'create' : 'update') && !data.builtIn && (own || id === 'new')
          }
        />
      )}
    </Loaded>
  );
}

async function openType(id: string): Promise<Opened> {
  const path = { path: { id } };
  const [type, { items: versions }] = await Promise.all([
    // A draft that was never approved is served to nobody yet; its versions are all there is of it.
    body(api.GET('/api/v1/device-types/{id}', { params: path })).catch((error: unknown) => {
      if (error instanceof Problem && error.status === 404) return null;
      throw error;
    }),
    body(api.GET('/api/v1/device-types/{id}/versions', { params: path })),
  ]);
  const newest = versions[0];
  const source = newest ? (await readVersion(id, newest.version)).source : textOf(type?.definition);
  return { id, title: type?.title.zh ?? id, builtIn: type?.builtIn ?? false, versions, source };
}

export const readVersion = (id: string, version: number) =>
  body(api.GET('/api/v1/device-types/{id}/versions/{version}', { params: { path: { id, version } } }));

async function begin(like: string | undefined, vendorId: string | null): Promise<Opened> {
  const prefix = vendorId ?? 'vendor';
  const fresh = { id: null, title: t('types.new'), builtIn: false, versions: [] };
  if (like !== undefined) {
    const { source } = await openType(like);
    return { ...fresh, source: renamed(source, `${prefix}/${like.split('/')[1] ?? 'model'}`) };
  }
  const topics = vendorId === null ? [] : (await body(api.GET('/api/v1/vendors/me'))).topics;
  return { ...fresh, source: newText(prefix, topics[0]) };
}
