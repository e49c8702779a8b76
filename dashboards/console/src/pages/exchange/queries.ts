import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import type { Tone } from '../../look/tokens.ts';
import type { Shape } from '../../parts/mark.tsx';

export type Peer = Answer<'ExchangePeer'>;
export type DataSet = Answer<'ExchangeDataSet'>;
export type Subscription = Answer<'ExchangeSubscription'>;
export type Delivery = Answer<'ExchangeDelivery'>;

/** Interfaces move without anybody's doing. */
const LOOK_EVERY = 5_000;

export const usePeers = () =>
  useQuery({ queryKey: ['exchange', 'peers'], queryFn: () => body(api.GET('/api/v1/exchange/peers')) });
export const useDataSets = () =>
  useQuery({ queryKey: ['exchange', 'sets'], queryFn: () => body(api.GET('/api/v1/exchange/data-sets')) });
export const useSubscriptions = () =>
  useQuery({
    queryKey: ['exchange', 'subscriptions'],
    queryFn: () => body(api.GET('/api/v1/exchange/subscriptions')),
    refetchInterval: LOOK_EVERY,
  });
export const useStatus = () =>
  useQuery({
    queryKey: ['exchange', 'status'],
    queryFn: () => body(api.GET('/api/v1/exchange/status')),
    refetchInterval: LOOK_EVERY,
  });

export function useExchange() {
  const may = useMay();
  const queries = useQueryClient();
  return { editable: may('settings', 'update'), again: () => queries.invalidateQueries({ queryKey: ['exchange'] }) };
}

type Look = { readonly tone: Tone; readonly shape: Shape };
export const STATE_LOOK: Readonly<Record<Subscription['state'], Look>> = {
  pending: { tone: 'warning', shape: 'triangle' },
  active: { tone: 'good', shape: 'disc' },
  paused: { tone: 'none', shape: 'bar' },
  refused: { tone: 'none', shape: 'cross' },
};
export const INTERFACE_LOOK: Readonly<Record<Subscription['interface'], Look>> = {
  normal: { tone: 'good', shape: 'disc' },
  failing: { tone: 'bad', shape: 'square' },
  overdue: { tone: 'warning', shape: 'triangle' },
};
export const DELIVERY_LOOK: Readonly<Record<Delivery['state'], Look>> = {
  sending: { tone: 'warning', shape: 'triangle' },
  delivered: { tone: 'good', shape: 'disc' },
  refused: { tone: 'bad', shape: 'square' },
};
