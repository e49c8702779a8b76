import { useQueryClient } from '@tanstack/react-query';
import { Button, Input } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import { nameIn } from '../../parts/ticket-clock.tsx';
import { Timeline, type TimelineEntry } from '../../parts/timeline.tsx';
import type { Ticket } from './actions.ts';
import { evidenceWords } from './evidence-words.ts';
import { useCodeWords } from './facts.tsx';

/** All that happened to a ticket, and a line to add to it. */
export function History({ ticket }: { ticket: Ticket }) {
  const may = useMay();
  const entries = useEntries(ticket);
  return (
    <section className="sheet ticket-history">
      <h2>{t('ticket.history')}</h2>
      {may('tickets', 'update') && <Comment id={ticket.id} />}
      <Timeline entries={entries} />
    </section>
  );
}

/** Stages, words, probes and pictures in one order, newest first; `whole`: nothing folded away, as on paper. */
export function useEntries(ticket: Ticket, whole = false): TimelineEntry[] {
  const name = nameIn(ticket);
  const code = useCodeWords(ticket.module);
  const who = (by: string) => (by === 'system' ? null : name(by));
  const { history, comments, supervisions, evidence } = ticket;
  const entries: TimelineEntry[] = [
    ...proofsOf(evidence).flatMap(({ at, by, kind, proofs }) => {
      const lines = proofs.map((one) =>
        [one.deviceId && name(one.deviceId), evidenceWords(one)].filter(Boolean).join(' · '),
      );
      // A decision that says nothing to people proves nothing to them either.
      if (kind === 'decision' && lines.every((line) => line === '')) return [];
      return {
        at,
        by: who(by),
        what: tCode('evidence', kind),
        words: <Proofs lines={lines} most={whole ? lines.length : SHOWN} />,
      };
    }),
    ...history.map(({ at, by, from, to, note, cause }) => ({
      at,
      by: who(by),
      what:
        from === to
          ? ''
          : from === null
            ? tCode('stage', to)
            : t('timeline.moved', { from: tCode('stage', from), to: tCode('stage', to) }),
      words: [note, cause && t('timeline.cause', { cause: code('causes', cause) })].filter(Boolean).join(' · '),
    })),
    ...comments.map(({ at, by, text }) => ({ at, by: who(by), what: t('timeline.comment'), words: text })),
    ...supervisions
      .filter((said) => !history.some(({ at, by }) => at === said.at && by === said.by))
      .map(({ at, by, text }) => ({ at, by: who(by), what: t('timeline.supervised'), words: text })),
  ];
  // What stands first at the same moment came first: newest first is the reverse of that.
  return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).reverse();
}

type Proof = Ticket['evidence'][number];

/** Proofs of one kind and moment are one entry: those of a group come by the dozen. */
function proofsOf(evidence: readonly Proof[]): { at: string; by: string; kind: Proof['kind']; proofs: Proof[] }[] {
  const found = new Map<string, { at: string; by: string; kind: Proof['kind']; proofs: Proof[] }>();
  for (const one of evidence) {
    const { at, by, kind } = one;
    if (kind === 'photo') continue;
    const key = `${at} ${by} ${kind}`;
    const group = found.get(key) ?? { at, by, kind, proofs: [] };
    group.proofs.push(one);
    found.set(key, group);
  }
  return [...found.values()];
}

const SHOWN = 3;

function Proofs({ lines, most }: { lines: readonly string[]; most: number }) {
  const said = [...new Set(lines)].filter((line) => line !== '');
  const rest = said.slice(most);
  return (
    <>
      {said.slice(0, most).map((line) => (
        <div key={line}>{line}</div>
      ))}
      {rest.length > 0 && (
        <details className="more-proofs">
          <summary>{t('timeline.moreProofs', { n: rest.length })}</summary>
          {rest.map((line) => (
            <div key={line}>{line}</div>
          ))}
        </details>
      )}
    </>
  );
}

function Comment({ id }: { id: string }) {
  const queries = useQueryClient();
  const [text, setText] = useState('');
  const [error, setError] = useState<unknown>();
  const [working, setWorking] = useState(false);
  const send = async () => {
    setWorking(true);
    setError(undefined);
    try {
      await api.POST('/api/v1/tickets/{id}/comments', { params: { path: { id } }, body: { note: text.trim() } });
      setText('');
      await queries.invalidateQueries({ queryKey: ['tickets'] });
    } catch (problem) {
      setError(problem);
    } finally {
      setWorking(false);
    }
  };
  return (
    <div className="comment">
      <Input.TextArea
        value={text}
        className="grows"
        rows={1}
        maxLength={2_000}
        placeholder={t('ticket.comment')}
        aria-label={t('ticket.comment')}
        onChange={({ target }) => setText(target.value)}
      />
      <Button loading={working} disabled={text.trim() === ''} onClick={() => void send()}>
        {t('ticket.comment.send')}
      </Button>
      {error !== undefined && <ProblemNotice error={error} />}
    </div>
  );
}
