import { type FailureReason, ProbeFailure, printable } from './failure.ts';

/** The verdict on every answer to DESCRIBE that is neither 200 nor 401. */
export function judge(response: { readonly status: number; readonly phrase: string }): ProbeFailure {
  const { status } = response;
  const said = `${status} ${printable(response.phrase, 60)}`.trim();
  return new ProbeFailure(reasonOf(status), status >= 300 && status < 400 ? `redirect not followed: ${said}` : said);
}

function reasonOf(status: number): FailureReason {
  // Hikvision and Dahua answer 403 to an account that is locked or may not see this channel.
  if (status === 403) return 'wrongPassword';
  if (status === 453 || status === 503) return 'sessionLimit';
  // 454 and 457 are what some NVRs say of a channel that is gone; a redirect says the stream is not here.
  if ([404, 410, 454, 457].includes(status) || (status >= 300 && status < 400)) return 'noSuchStream';
  return 'serverError';
}
