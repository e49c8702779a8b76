/** Worst first, as the gateway ranks them. */
export const STATES = ['offline', 'flapping', 'stale', 'degraded', 'unknown', 'online'];
/** The way of a ticket, and what leaves it. */
export const PIPELINE = ['discovered', 'filed', 'dispatched', 'handling', 'verifying', 'closed'];
export const SIDE = ['returned', 'suspended', 'falseAlarm', 'cancelled'];

export const PRIORITIES = ['critical', 'urgent', 'normal'];

/** Somebody still has to do something about it. */
export const isOpen = (ticket) => !['closed', 'falseAlarm', 'cancelled'].includes(ticket.stage);
