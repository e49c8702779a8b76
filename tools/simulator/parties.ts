import { type ApiClient, ApiError } from './api-client.ts';

interface Party {
  readonly orgId: string;
  /** Absent: a department the gateway comes with. */
  readonly unit?: string;
  readonly person: { readonly username: string; readonly name: string; readonly phone: string };
}

/** Who is told when something breaks; names and numbers are made up. */
const PARTIES: readonly Party[] = [
  {
    orgId: 'unit-video',
    unit: '明视安防（视频维保）',
    person: { username: 'zhou.video', name: '周师傅', phone: '021-55550101' },
  },
  {
    orgId: 'unit-charging',
    unit: '安桩电力（充电维保）',
    person: { username: 'wu.charging', name: '吴师傅', phone: '021-55550102' },
  },
  {
    orgId: 'unit-garbage',
    unit: '洁源环境（厢房维保）',
    person: { username: 'zheng.garbage', name: '郑师傅', phone: '021-55550103' },
  },
  { orgId: 'ops-center', person: { username: 'duty.ops', name: '城运值班员', phone: '021-55550110' } },
  { orgId: 'management-office', person: { username: 'duty.office', name: '管理办值班员', phone: '021-55550120' } },
];

/** Maintenance unit of each module's devices. */
export const UNIT_OF: Readonly<Record<string, string>> = {
  video: 'unit-video',
  charging: 'unit-charging',
  garbage: 'unit-garbage',
};

/** Registers the maintenance units and the people on duty. A second start finds them and leaves them alone. */
export async function registerParties(api: ApiClient): Promise<void> {
  for (const { orgId, unit, person } of PARTIES) {
    const { items } = await api.get<{ items: { username: string }[] }>(`/users?q=${person.username}`);
    if (items.some(({ username }) => username === person.username)) continue;
    if (unit !== undefined) await api.post('/maintenance-units', { id: orgId, name: unit }).catch(unlessThere);
    const role = unit === undefined ? 'dispatcher' : 'maintainer';
    const { user } = await api.post<{ user: { id: string } }>('/users', { ...person, role, orgId });
    await api.post('/rosters', { orgId, userId: user.id });
  }
}

/** A start that was broken off may have left the unit without its person. */
function unlessThere(error: unknown): void {
  if (!(error instanceof ApiError) || error.status !== 409) throw error;
}
