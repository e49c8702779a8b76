/** What each list of registrations asks of the gateway. */
export const QUEUES = {
  pending: { lifecycle: 'pending', returned: false },
  trial: { lifecycle: 'trial', returned: false },
  returned: { lifecycle: 'pending,trial', returned: true },
} as const;
export type QueueName = keyof typeof QUEUES;
