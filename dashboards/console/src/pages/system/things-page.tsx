import { Button, Input, type TableProps } from 'antd';
import type { ReactNode } from 'react';
import { t } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { Page } from '../../parts/page.tsx';
import { type Listed, ServerTable } from '../../parts/server-table.tsx';
import { Opens, type Thing, useThing } from './thing.tsx';

interface ThingsPageProps<Row extends { readonly id: string }, Input extends object> {
  readonly title: string;
  readonly guide?: string;
  /** What the button for a new one says. */
  readonly add: string;
  readonly thing: Thing<Row, Input>;
  /** Query key of the list, without filters. */
  readonly of: readonly unknown[];
  readonly read: (page: { cursor?: string; limit: number; q?: string }) => Promise<Listed<Row>>;
  readonly name: { readonly title: string; readonly of: (row: Row) => ReactNode };
  readonly columns: NonNullable<TableProps<Row>['columns']>;
  readonly empty: { readonly title: string; readonly next?: string };
  readonly filters?: ReactNode;
  readonly actions?: ReactNode;
  /** Above the list. */
  readonly words?: ReactNode;
}

/** A page that lists named things of the house: search, new, open. */
export function ThingsPage<Row extends { readonly id: string }, Input extends object>(
  props: ThingsPageProps<Row, Input>,
) {
  const { open, mayCreate, drawer } = useThing(props.thing);
  const [filters, change] = useFilters();
  const { name, empty } = props;
  const button = (
    <Button type="primary" onClick={() => open(null)}>
      {props.add}
    </Button>
  );
  return (
    <Page
      title={props.title}
      {...(props.guide && { guide: props.guide })}
      actions={
        <>
          {props.actions}
          {mayCreate && button}
        </>
      }
    >
      {props.words}
      <div className="filters">
        <Input.Search
          allowClear
          className="filter-search"
          placeholder={t('thing.search')}
          aria-label={t('thing.search')}
          defaultValue={filters.q ?? ''}
          onSearch={(q) => change({ q: q.trim() })}
        />
        {props.filters}
      </div>
      <ServerTable<Row>
        of={[...props.of, filters]}
        rowKey={'id' as keyof Row & string}
        read={(page) => props.read({ ...page, ...(filters.q && { q: filters.q }) })}
        onOpen={open}
        columns={[
          {
            title: name.title,
            key: 'name',
            render: (_, row) => <Opens name={name.of(row)} onOpen={() => open(row)} />,
          },
          ...props.columns,
        ]}
        empty={
          filters.q
            ? { title: t('list.empty') }
            : { title: empty.title, next: mayCreate ? (empty.next ?? button) : undefined }
        }
      />
      {drawer}
    </Page>
  );
}
