import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import type { Stage } from './actions.ts';
import { Card } from './card.tsx';
import type { TicketQuery } from './query.ts';

/** The legal way from left to right; those that left it for a while stand at the end. */
const COLUMNS: readonly Stage[] = [
  'discovered',
  'filed',
  'dispatched',
  'handling',
  'verifying',
  'returned',
  'suspended',
  'closed',
];
const PAGE = 20;

/** Tickets by the stage they are in. A stage is changed on the ticket itself, where its form asks what it needs. */
export function Board({ query }: { query: TicketQuery }) {
  const wanted = query.stage?.split(',');
  const shown = wanted ? COLUMNS.filter((stage) => wanted.includes(stage)) : COLUMNS;
  return (
    <div className="board">
      {shown.map((stage) => (
        <Column key={stage} stage={stage} query={query} />
      ))}
    </div>
  );
}

function Column({ stage, query }: { stage: Stage; query: TicketQuery }) {
  const [limit, setLimit] = useState(PAGE);
  const asked = { ...query, stage, limit };
  const page = useQuery({
    queryKey: ['tickets', 'column', asked],
    queryFn: () => body(api.GET('/api/v1/tickets', { params: { query: asked } })),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
  const { items = [], total, nextCursor = null } = page.data ?? {};
  return (
    <section
      className={`board-column stage-${stage}${page.data && items.length === 0 ? ' bare' : ''}`}
      aria-label={tCode('stage', stage)}
    >
      <h2>
        {tCode('stage', stage)} <span className="quiet">{page.data ? (total ?? t('list.many')) : ''}</span>
      </h2>
      {page.isError && <ProblemNotice error={page.error} again={() => page.refetch()} />}
      {items.map((ticket) => (
        <Card key={ticket.id} ticket={ticket} />
      ))}
      {nextCursor !== null && (
        <Button size="small" onClick={() => setLimit((n) => Math.min(500, n + PAGE))}>
          {t('tickets.more')}
        </Button>
      )}
    </section>
  );
}
