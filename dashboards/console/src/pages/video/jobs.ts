import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, body } from '../../api/client.ts';
import type { CameraJob } from './target.ts';

const KEY = ['camera-jobs'];

/** Own searches and looks of the last hour: they go on whatever becomes of this page. */
export const useJobs = (enabled: boolean) =>
  useQuery({
    queryKey: KEY,
    queryFn: () => body(api.GET('/api/v1/cameras/jobs')),
    enabled,
    refetchInterval: ({ state }) => (state.data?.items.some((job) => job.state === 'running') ? 700 : false),
  });

type Order =
  | { readonly kind: 'multicast' }
  | { readonly kind: 'subnet'; readonly cidr: string }
  | { readonly kind: 'probe'; readonly connection: Parameters<typeof probe>[0] };

const probe = (connection: { protocol: 'rtsp'; url: string } | { protocol: 'onvif'; host: string }) =>
  body(api.POST('/api/v1/cameras/probe', { body: { connection } }));

/** Begins jobs one after the other; answers the first. */
export function useBegin(begun: (job: CameraJob) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (orders: readonly Order[]) => {
      const jobs: CameraJob[] = [];
      for (const order of orders) {
        jobs.push(
          order.kind === 'probe'
            ? await probe(order.connection)
            : await body(
                api.POST('/api/v1/cameras/discover', {
                  body: order.kind === 'subnet' ? { method: 'subnet', cidr: order.cidr } : { method: 'multicast' },
                }),
              ),
        );
      }
      return jobs;
    },
    onSuccess: ([first]) => first && begun(first),
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

export function useCancel() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => body(api.DELETE('/api/v1/cameras/jobs/{id}', { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}
