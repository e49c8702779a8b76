import { type Notice, OF_NO_DEVICE } from '../../domain/notice.ts';
import { text } from '../../messages/index.ts';

/** Tells people that the audit records do not hold together. `what` names the break: one and the same is told once. */
export function noticeOfBreak(what: string, count: number, at: number): Notice {
  const subject = `auditChain:${what}`;
  return {
    ...OF_NO_DEVICE,
    key: subject,
    subject,
    fault: 'auditChainBroken',
    severity: 'critical',
    priority: 'urgent',
    login: { userId: null, who: text('zh-CN', 'audit.broken.who', { count }), address: null },
    reason: null,
    advice: null,
    at,
  };
}
