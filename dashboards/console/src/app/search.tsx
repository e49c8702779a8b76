import { SearchOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { api, body } from '../api/client.ts';
import { t, tCode } from '../language.ts';
import { StateMark } from '../parts/marks.tsx';
import { ProblemNotice } from '../parts/problem.tsx';
import { useMay } from './rights.ts';
import './search.css';

const EACH = 6;
/** Whoever types is not asked about at every letter. */
const PAUSE_MS = 200;

interface Hit {
  readonly to: '/devices/$id' | '/tickets/$id';
  readonly id: string;
  readonly name: string;
  readonly note: string;
  readonly state: { readonly of: 'health' | 'stage'; readonly code: string; readonly suspect?: boolean };
}

/** One box for all that people call a thing by: name, nickname, code, address, serial number, number of a ticket. */
export function Search() {
  const [typed, setTyped] = useState('');
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const box = useRef<HTMLInputElement>(null);
  const list = useId();
  const navigate = useNavigate();
  const q = usePaused(typed.trim());
  const { devices, tickets, busy, error } = useHits(open ? q : '');
  const hits = [...devices, ...tickets];
  useSlash(box);

  const leave = () => {
    setOpen(false);
    box.current?.blur();
  };
  const go = (hit: Hit) => {
    leave();
    void navigate({ to: hit.to, params: { id: hit.id } });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && hits.length > 0) {
      event.preventDefault();
      setAt((at + step + hits.length) % hits.length);
    }
    const chosen = hits[at];
    if (event.key === 'Enter' && chosen && q === typed.trim()) go(chosen);
    if (event.key === 'Escape') leave();
  };
  const group = (title: string, found: readonly Hit[], offset: number) =>
    found.length > 0 && (
      <fieldset className="found-group" aria-label={title}>
        <div className="found-title" aria-hidden="true">
          {title}
        </div>
        {found.map((hit, i) => (
          <HitRow key={hit.id} hit={hit} id={`${list}-${offset + i}`} chosen={offset + i === at} go={go} />
        ))}
      </fieldset>
    );
  const shown = open && q !== '';
  return (
    <search className="search" onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && setOpen(false)}>
      <SearchOutlined aria-hidden="true" />
      <input
        ref={box}
        type="text"
        role="combobox"
        aria-label={t('app.search')}
        aria-expanded={shown}
        aria-controls={list}
        aria-autocomplete="list"
        aria-keyshortcuts="/"
        {...(shown && hits.length > 0 && { 'aria-activedescendant': `${list}-${at}` })}
        placeholder={t('app.search')}
        value={typed}
        maxLength={100}
        autoComplete="off"
        spellCheck={false}
        onFocus={() => setOpen(true)}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
          setOpen(true);
        }}
        onKeyDown={onKeyDown}
      />
      <span className="search-key" aria-hidden="true">
        /
      </span>
      <div className="found" hidden={!shown}>
        <div id={list} role="listbox" aria-label={t('app.search.results')}>
          {group(t('nav.devices'), devices, 0)}
          {group(t('nav.tickets'), tickets, devices.length)}
        </div>
        {error !== null && <ProblemNotice error={error} />}
        {shown && hits.length === 0 && error === null && (
          <p className="found-none" role="status">
            {busy ? t('app.search.busy') : t('app.search.none')}
          </p>
        )}
        {devices.length === EACH && (
          <Link className="found-all" to="/devices" search={{ q }} onClick={leave}>
            {t('app.search.allDevices')}
          </Link>
        )}
        {tickets.length === EACH && (
          <Link className="found-all" to="/tickets" search={{ q }} onClick={leave}>
            {t('app.search.allTickets')}
          </Link>
        )}
      </div>
    </search>
  );
}

interface HitRowProps {
  readonly hit: Hit;
  readonly id: string;
  readonly chosen: boolean;
  readonly go: (hit: Hit) => void;
}

function HitRow({ hit, id, chosen, go }: HitRowProps) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (chosen) row.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  return (
    // The box keeps the focus; rows are chosen by arrows or the pointer.
    <div
      ref={row}
      id={id}
      role="option"
      aria-selected={chosen}
      tabIndex={-1}
      className="hit"
      onPointerDown={(event) => {
        event.preventDefault();
        go(hit);
      }}
    >
      <span className="hit-name">{hit.name}</span>
      <span className="quiet">{hit.note}</span>
      <StateMark {...hit.state} />
    </div>
  );
}

function useHits(q: string) {
  const may = useMay();
  const asked = { params: { query: { q, limit: EACH } } };
  const options = { retry: false, staleTime: 10_000 } as const;
  const devices = useQuery({
    ...options,
    queryKey: ['devices', 'search', q],
    enabled: q !== '' && may('devices', 'read'),
    queryFn: () => body(api.GET('/api/v1/devices', asked)),
  });
  const tickets = useQuery({
    ...options,
    queryKey: ['tickets', 'search', q],
    enabled: q !== '' && may('tickets', 'read'),
    queryFn: () => body(api.GET('/api/v1/tickets', asked)),
  });
  return {
    busy: devices.isFetching || tickets.isFetching,
    error: devices.error ?? tickets.error,
    devices: (devices.data?.items ?? []).map(
      ({ id, name, nickname, health, connection }): Hit => ({
        to: '/devices/$id',
        id,
        name: nickname ? `${nickname}（${name}）` : name,
        note: [id, connection?.host].filter(Boolean).join(' · '),
        state: { of: 'health', code: health.state, suspect: health.suspect },
      }),
    ),
    tickets: (tickets.data?.items ?? []).map(
      ({ id, no, title, fault, deviceIds, stage }): Hit => ({
        to: '/tickets/$id',
        id,
        name: no,
        note: title ?? [tCode('fault', fault), deviceIds[0]].filter(Boolean).join(' · '),
        state: { of: 'stage', code: stage },
      }),
    ),
  };
}

function usePaused(value: string): string {
  const [paused, setPaused] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return paused;
}

/** `/` leads to the box from everywhere, but not out of a field one is typing in. */
function useSlash(box: { readonly current: HTMLInputElement | null }) {
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent) => {
      const from = event.target instanceof HTMLElement ? event.target : null;
      const typing = from?.isContentEditable || from?.closest('input, textarea, select, [role=textbox]');
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || typing) return;
      event.preventDefault();
      box.current?.focus();
      box.current?.select();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [box]);
}
