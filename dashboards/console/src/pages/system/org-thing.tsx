import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Form, Input, Select, TreeSelect } from 'antd';
import { useMemo } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { language, t, tCode } from '../../language.ts';
import { ContactFields, IdField, needed } from './fields.tsx';
import { forChange, forCreate } from './input.ts';
import { branchesOf, withBelow } from './org-tree.ts';
import { useThing } from './thing.tsx';

type Org = Answer<'Org'>;
interface Input_ extends Partial<Omit<Org, 'boundary'>> {}
const LEVELS = [1, 2, 3, 4, 5];

/** What a level is called here (市 区 街镇 网格 社区); a house may have named them itself. */
export function useLevelNames(): (level: number | null) => string {
  const may = useMay();
  const { data } = useQuery({
    queryKey: ['lists', 'levelNames'],
    queryFn: () => body(api.GET('/api/v1/settings')),
    enabled: may('settings', 'read'),
    staleTime: 5 * 60_000,
    select: (settings) => (settings as { orgLevelNames?: readonly string[] }).orgLevelNames,
  });
  return (level) =>
    level === null ? '' : ((language() === 'en' ? undefined : data?.[level - 1]) ?? tCode('orgLevel', String(level)));
}

export function useOrgThing(all: readonly Org[]) {
  const may = useMay();
  const level = useLevelNames();
  const nameOf = (id: string | null | undefined) => all.find((one) => one.id === id)?.name ?? id ?? t('orgs.top');
  const below = (id: string) => withBelow(all, id).size - 1;
  const at = (id: string) => ({ params: { path: { id } } });
  return useThing<Org, Input_>({
    resource: 'orgs',
    title: (row) => row?.name ?? t('orgs.add'),
    initial: (row) => row ?? { kind: 'department' },
    fields: (row) => (
      <>
        {!row && (
          <>
            <div className="fields-row">
              <Form.Item name="kind" label={t('orgs.kind')}>
                <Select
                  options={(['area', 'department'] as const).map((kind) => ({
                    value: kind,
                    label: tCode('orgKind', kind),
                  }))}
                />
              </Form.Item>
              <Form.Item noStyle dependencies={['kind']}>
                {({ getFieldValue }) =>
                  getFieldValue('kind') === 'area' && (
                    <Form.Item name="level" label={t('orgs.level')} rules={[{ required: true }]}>
                      <Select options={LEVELS.map((one) => ({ value: one, label: `${one} ${level(one)}` }))} />
                    </Form.Item>
                  )
                }
              </Form.Item>
            </div>
            <IdField />
          </>
        )}
        <Form.Item name="name" label={t('orgs.name')} rules={needed}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item name="parentId" label={t('orgs.parent')} extra={row ? t('orgs.parent.rule') : undefined}>
          <ParentSelect all={all} of={row?.id} />
        </Form.Item>
        <Form.Item name="code" label={t('orgs.code')} extra={t('orgs.code.rule')}>
          <Input maxLength={100} />
        </Form.Item>
        <ContactFields name="responsible" label={t('orgs.responsible')} extra={t('orgs.responsible.rule')} />
        <ContactFields name="contact" label={t('orgs.contact')} />
      </>
    ),
    create: ({ level: rank, ...input }) =>
      api.POST('/api/v1/orgs', { body: forCreate({ ...input, ...(input.kind === 'area' && { level: rank }) }) }),
    change: ({ id }, input) => api.PATCH('/api/v1/orgs/{id}', { ...at(id), body: forChange(input) }),
    brings: (row, { parentId = null }) =>
      parentId === row.parentId
        ? null
        : t('orgs.move.consequence', { name: row.name, to: nameOf(parentId), n: below(row.id) }),
    remove: {
      act: ({ id }) => api.DELETE('/api/v1/orgs/{id}', at(id)),
      consequence: ({ name }) => t('orgs.remove.consequence', { name }),
      hindered: ({ id }) => (below(id) > 0 ? t('orgs.remove.hindered', { n: below(id) }) : null),
    },
    beyond: ({ id, kind, boundary }) =>
      kind === 'area' &&
      may('devices', 'read') &&
      may('orgs', 'update') && (
        <section className="beyond">
          <h3>{t('orgs.boundary')}</h3>
          <p className="quiet">{t(boundary ? 'orgs.boundary.there' : 'orgs.boundary.none')}</p>
          <Link to="/map" search={{ mode: 'draw', org: id }}>
            {t('orgs.draw')}
          </Link>
        </section>
      ),
    stale: [
      ['lists', 'orgs'],
      ['lists', 'org'],
      ['names', 'orgs'],
    ],
  });
}

interface ParentSelectProps {
  readonly all: readonly Org[];
  /** The one that is moved: it cannot go below itself. */
  readonly of: string | undefined;
  readonly value?: string | null;
  readonly onChange?: (id: string | undefined) => void;
  readonly id?: string;
}

function ParentSelect({ all, of, value, ...select }: ParentSelectProps) {
  const tree = useMemo(() => {
    const own = of === undefined ? new Set<string>() : withBelow(all, of);
    return branchesOf(all.filter(({ id }) => !own.has(id)));
  }, [all, of]);
  return (
    <TreeSelect<string>
      allowClear
      showSearch={{ treeNodeFilterProp: 'name' }}
      treeDefaultExpandAll
      placeholder={t('orgs.top')}
      fieldNames={{ label: 'name', value: 'id', children: 'children' }}
      treeData={[...tree]}
      {...(value && { value })}
      {...select}
    />
  );
}
