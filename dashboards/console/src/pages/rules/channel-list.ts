import { useQuery } from '@tanstack/react-query';
import { type Answer, api, body } from '../../api/client.ts';

export type Channel = Answer<'NotificationChannel'>;
export const CHANNELS_KEY = ['notifications', 'channels'] as const;

export const useChannels = () =>
  useQuery({ queryKey: CHANNELS_KEY, queryFn: () => body(api.GET('/api/v1/notification-channels')) });
