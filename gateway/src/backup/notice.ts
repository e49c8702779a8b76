import { type Notice, OF_NO_DEVICE } from '../domain/notice.ts';

/** Tells people that there is no backup to rely on. One `subject` is told once. */
export function noticeOfTrouble(state: 'failed' | 'overdue', subject: string, words: string, at: number): Notice {
  return {
    ...OF_NO_DEVICE,
    key: subject,
    subject,
    fault: state === 'failed' ? 'backupFailed' : 'backupOverdue',
    severity: 'major',
    priority: 'urgent',
    login: { userId: null, who: words, address: null },
    reason: null,
    advice: null,
    at,
  };
}
