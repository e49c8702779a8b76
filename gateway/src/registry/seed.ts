import type { Clock } from '../../../adapters/adapter.ts';
import { SYSTEM } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { Module, Org } from '../domain/catalogue-input.ts';
import type { Transactor } from '../domain/tx.ts';
import { isGatewayError } from '../errors.ts';
import type { ModuleStore, OrgStore } from './organisations.ts';

type Place = Pick<Org, 'id' | 'name' | 'parentId' | 'level' | 'code'>;

const STREET = 'dongming';

/** 市 区 街镇, as the first customer's; renamed or extended by the administrator. */
const AREAS: readonly Place[] = [
  { id: 'shanghai', name: '上海市', parentId: null, level: 1, code: '310000' },
  { id: 'pudong', name: '浦东新区', parentId: 'shanghai', level: 2, code: '310115' },
  { id: STREET, name: '东明路街道', parentId: 'pudong', level: 3, code: '310115015000' },
];

const DEPARTMENTS = {
  'ops-center': '城运中心',
  'management-office': '管理办',
  'safety-office': '平安办',
  'enforcement-team': '综合行政执法队',
  'construction-center': '建管中心',
  'police-station': '派出所',
  'residents-committees': '各居民区',
  'block-stations': '街区工作站',
  'all-departments': '各部门（单位）',
} as const;
type Department = keyof typeof DEPARTMENTS;

/** 模块责任分工: lead and cooperating departments as the customer's document names them. */
const MATRIX: readonly (readonly [
  id: string,
  zh: string,
  en: string,
  lead: Department,
  ...cooperating: Department[],
])[] = [
  [
    'video',
    '视频监控',
    'Video surveillance',
    'ops-center',
    'management-office',
    'safety-office',
    'enforcement-team',
    'construction-center',
    'police-station',
    'residents-committees',
    'block-stations',
  ],
  [
    'charging',
    '充电设施',
    'Charging facilities',
    'ops-center',
    'construction-center',
    'residents-committees',
    'block-stations',
  ],
  [
    'garbage',
    '垃圾分类',
    'Waste sorting',
    'management-office',
    'ops-center',
    'construction-center',
    'residents-committees',
  ],
  ['twin', '数字孪生', 'Digital twin', 'ops-center', 'all-departments', 'residents-committees', 'block-stations'],
  [
    'parking',
    '智慧停车',
    'Smart parking',
    'safety-office',
    'management-office',
    'construction-center',
    'ops-center',
    'residents-committees',
    'block-stations',
  ],
];

interface SeedDeps {
  readonly db: Transactor;
  readonly orgs: Pick<OrgStore, 'insert' | 'list'>;
  readonly modules: Pick<ModuleStore, 'insert' | 'list'>;
  readonly audit: AuditPort;
  readonly clock: Clock;
}

/** Fills an empty installation with the street, its departments and the module matrix. Answers whether it did. */
export async function seedOrganisations(deps: SeedDeps): Promise<boolean> {
  try {
    return await seed(deps);
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    // Several processes start at once on an empty database: one fills it, the others come upon its rows. Anything else fails again.
    return seed(deps);
  }
}

function seed(deps: SeedDeps): Promise<boolean> {
  return deps.db.transaction(async (tx) => {
    const orgs = await deps.orgs.list(tx, { limit: 1 }, { kind: 'all' });
    if (orgs.items.length > 0 || (await deps.modules.list(tx)).length > 0) return false;
    for (const area of AREAS) await deps.orgs.insert(tx, { ...BLANK, ...area, kind: 'area' });
    for (const [id, name] of Object.entries(DEPARTMENTS)) {
      await deps.orgs.insert(tx, { ...BLANK, id, name, parentId: STREET, kind: 'department' });
    }
    for (const [id, zh, en, leadOrgId, ...cooperatingOrgIds] of MATRIX) {
      const module: Module = { id, name: { zh, en }, leadOrgId, cooperatingOrgIds };
      await deps.modules.insert(tx, module);
    }
    await deps.audit.append(tx, [
      {
        at: deps.clock.now(),
        actor: SYSTEM,
        action: 'seed',
        resource: 'orgs',
        resourceId: null,
        after: { street: STREET },
      },
    ]);
    return true;
  });
}

const BLANK = {
  level: null,
  code: null,
  responsible: null,
  contact: null,
  contractFrom: null,
  contractTo: null,
  boundary: null,
} as const;
