import type { ReactNode } from 'react';

/** Where there is nothing to show: why, and what to do next. */
export function Nothing({ title, next }: { title: string; next?: ReactNode }) {
  return (
    <div className="nothing" role="status">
      <p>{title}</p>
      {next && <div>{next}</div>}
    </div>
  );
}
