import type { ReactNode } from 'react';
import { Rule } from '../../parts/rule.tsx';
import { Scroller } from '../../parts/scroller.tsx';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  readonly rule?: string;
  /** A figure: aligned at its end. */
  readonly figure?: boolean;
}

interface PlainTableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** What all rows come to, below them. */
  readonly total?: Row;
}

/** A dense table as it will be printed; its first column names the row. */
export function PlainTable<Row>({ label, columns, rows, keyOf, total }: PlainTableProps<Row>) {
  return (
    <Scroller label={label}>
      <table className="report-table">
        <thead>
          <tr>
            {columns.map(({ title, rule, figure }) => (
              <th key={title} scope="col" className={figure ? 'number' : undefined}>
                {title}
                {rule && <Rule words={rule} />}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Line key={keyOf(row)} row={row} columns={columns} />
          ))}
        </tbody>
        {total !== undefined && (
          <tfoot>
            <Line row={total} columns={columns} />
          </tfoot>
        )}
      </table>
    </Scroller>
  );
}

function Line<Row>({ row, columns }: { row: Row; columns: readonly Column<Row>[] }) {
  return (
    <tr>
      {columns.map(({ title, cell, figure }, place) =>
        place === 0 ? (
          <th key={title} scope="row">
            {cell(row)}
          </th>
        ) : (
          <td key={title} className={figure ? 'number' : undefined}>
            {cell(row)}
          </td>
        ),
      )}
    </tr>
  );
}
