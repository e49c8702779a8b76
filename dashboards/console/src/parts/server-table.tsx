import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button, Table, type TableProps } from 'antd';
import { type Key, type ReactNode, useEffect, useState } from 'react';
import { t } from '../language.ts';
import { Nothing } from './nothing.tsx';
import { ProblemNotice } from './problem.tsx';

export interface Listed<Row> {
  readonly items: readonly Row[];
  readonly nextCursor: string | null;
  /** Absent or null = more than anybody counts. */
  readonly total?: number | null;
}

interface ServerTableProps<Row extends object> {
  /** Names the list and all it is filtered by; another key begins at the first page. */
  readonly of: readonly unknown[];
  readonly read: (page: { cursor?: string; limit: number }) => Promise<Listed<Row>>;
  readonly rowKey: keyof Row & string;
  readonly columns: NonNullable<TableProps<Row>['columns']>;
  readonly limit?: number;
  /** What to do when there is nothing. */
  readonly empty: { readonly title: string; readonly next?: ReactNode };
  readonly selected?: {
    readonly keys: readonly string[];
    readonly choose: (keys: readonly string[], rows: readonly Row[]) => void;
  };
  readonly onOpen?: (row: Row) => void;
  /** What a row unfolds to. */
  readonly unfolded?: (row: Row) => ReactNode;
  readonly rowClassName?: (row: Row) => string;
  /** Told which rows are on the screen; the function must stay the same. */
  readonly shown?: (rows: readonly Row[]) => void;
  /** A header with `sorter` was clicked; what to sort by is the caller's. */
  readonly sorted?: (column: unknown, order: 'ascend' | 'descend' | null) => void;
}

/** A list of which the gateway sends one page at a time. */
export function ServerTable<Row extends object>(props: ServerTableProps<Row>) {
  const { of, read, limit = 50, empty, selected, onOpen } = props;
  const name = JSON.stringify(of);
  const [place, setPlace] = useState<{ name: string; cursors: readonly string[] }>({ name, cursors: [] });
  const cursors = place.name === name ? place.cursors : [];
  const cursor = cursors.at(-1);
  const query = useQuery({
    queryKey: [...of, limit, cursor ?? ''],
    queryFn: () => read({ limit, ...(cursor === undefined ? {} : { cursor }) }),
    placeholderData: keepPreviousData,
  });
  const { shown, sorted } = props;
  const rows = query.data?.items;
  useEffect(() => {
    if (rows) shown?.(rows);
  }, [rows, shown]);
  if (query.isError && query.data === undefined)
    return <ProblemNotice error={query.error} again={() => query.refetch()} />;
  const { items = [], nextCursor = null, total } = query.data ?? {};
  const go = (next: readonly string[]) => setPlace({ name, cursors: next });
  return (
    <div className="server-table">
      <Table<Row>
        size="small"
        rowKey={props.rowKey}
        columns={props.columns}
        dataSource={items}
        loading={query.isPending}
        pagination={false}
        scroll={{ x: 'max-content' }}
        sticky
        {...(sorted
          ? {
              onChange: (_pages, _filters, sorter, { action }) => {
                if (action !== 'sort' || Array.isArray(sorter)) return;
                sorted(sorter.columnKey, sorter.order ?? null);
              },
            }
          : {})}
        locale={{ emptyText: query.isPending ? ' ' : <Nothing title={empty.title} next={empty.next} /> }}
        {...(props.rowClassName ? { rowClassName: props.rowClassName } : {})}
        {...(props.unfolded ? { expandable: { expandedRowRender: props.unfolded } } : {})}
        {...(onOpen ? { onRow: (row: Row) => ({ onClick: () => onOpen(row), className: 'opens' }) } : {})}
        {...(selected
          ? {
              rowSelection: {
                selectedRowKeys: [...selected.keys],
                preserveSelectedRowKeys: true,
                getTitleCheckboxProps: () => ({ 'aria-label': t('list.selectAll') }),
                getCheckboxProps: () => ({ 'aria-label': t('list.select') }),
                onChange: (keys: Key[], rows: Row[]) => selected.choose(keys.map(String), rows),
              },
            }
          : {})}
      />
      <footer className="pager">
        <span className="quiet">
          {typeof total === 'number' ? t('list.total', { n: total }) : total === null ? t('list.many') : ''}
        </span>
        <Button size="small" disabled={cursors.length === 0} onClick={() => go(cursors.slice(0, -1))}>
          {t('list.before')}
        </Button>
        <span>{t('list.page', { n: cursors.length + 1 })}</span>
        <Button
          size="small"
          disabled={nextCursor === null}
          onClick={() => nextCursor !== null && go([...cursors, nextCursor])}
        >
          {t('list.after')}
        </Button>
      </footer>
    </div>
  );
}
