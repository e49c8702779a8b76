import { type Answer, api, body } from '../../api/client.ts';
import { language, t, tCode } from '../../language.ts';
import { ServerTable } from '../../parts/server-table.tsx';
import { Ago } from '../../parts/time.tsx';
import { changesOf, type RoleRights } from './role-rights.ts';

type Named = readonly { readonly id: string; readonly name: { readonly zh: string; readonly en: string } }[];
interface RoleHistoryProps {
  readonly names: { readonly roles: Named; readonly resources: Named; readonly actions: Named } | undefined;
}
type Row = Answer<'RoleChange'> & { readonly key: string };

/** Rights as the record keeps them; some records wrap them. */
function rightsOf(kept: unknown): RoleRights {
  if (typeof kept !== 'object' || kept === null) return {};
  const { rights } = kept as { rights?: unknown };
  return (typeof rights === 'object' && rights !== null ? rights : kept) as RoleRights;
}

/** Who changed which right, when and why. */
export function RoleHistory({ names }: RoleHistoryProps) {
  const spoken = (list: Named | undefined, id: string) => {
    const found = list?.find((one) => one.id === id);
    return found ? (language() === 'en' ? found.name.en : found.name.zh) : id;
  };
  const words = (flat: readonly string[]) =>
    flat
      .map((one) => {
        const [resource = '', action = ''] = one.split('.');
        return t('roles.oneRight', {
          resource: spoken(names?.resources, resource),
          action: spoken(names?.actions, action),
        });
      })
      .join(t('list.comma'));
  return (
    <ServerTable<Row>
      of={['lists', 'roles', 'history']}
      rowKey="key"
      read={async (query) => {
        const page = await body(api.GET('/api/v1/roles/history', { params: { query } }));
        return { ...page, items: page.items.map((one) => ({ ...one, key: `${one.at}${one.role}` })) };
      }}
      columns={[
        { title: t('roles.when'), render: (_, { at }) => <Ago at={at} /> },
        { title: t('roles.who'), render: (_, { actorName }) => actorName },
        { title: t('people.role'), render: (_, { role }) => spoken(names?.roles, role) },
        { title: t('roles.what'), render: (_, { action }) => tCode('roleAction', action) },
        {
          title: t('roles.rights'),
          render: (_, { before, after }) => {
            const { given, taken } = changesOf(rightsOf(before), rightsOf(after));
            return (
              <span className="wrapped">
                {given.length > 0 && <div>{t('roles.didGive', { rights: words(given) })}</div>}
                {taken.length > 0 && <div>{t('roles.didTake', { rights: words(taken) })}</div>}
              </span>
            );
          },
        },
        { title: t('confirm.reason'), render: (_, { reason }) => <span className="wrapped">{reason}</span> },
      ]}
      empty={{ title: t('roles.history.none') }}
    />
  );
}
