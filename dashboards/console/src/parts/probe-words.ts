import { type Key, t } from '../language.ts';

/** What probes find, as the adapters write it, with the words for it; the longer before what it begins with. */
export const PROBE_DETAILS: readonly (readonly [RegExp, Key])[] = [
  [/^TCP port (?<port>\d+) answers$/, 'probe.tcp'],
  [/^DESCRIBE 200 (?<video>.+)$/, 'probe.described'],
  [/^the login was taken$/, 'probe.loginTaken'],
  [/^no login was asked for$/, 'probe.noLogin'],
  [/^name lookup unanswered in (?<ms>\d+) ms$/, 'probe.lookup'],
  [/^TCP handshake unanswered in (?<ms>\d+) ms, but the host answers on port (?<port>\d+)$/, 'probe.handshakeAlive'],
  [/^TCP handshake unanswered in (?<ms>\d+) ms$/, 'probe.handshake'],
  [/^connected, no complete answer in (?<ms>\d+) ms$/, 'probe.incomplete'],
  [/^(no answer in (?<ms>\d+) ms|no response)$/, 'probe.noAnswer'],
  [/^ECONNREFUSED$/, 'probe.refused'],
  [/^(EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ETIMEDOUT)$/, 'probe.unreachable'],
  [/^ENOTFOUND$|^the name has no address$/, 'probe.noName'],
  [/^(ECONNRESET|EPIPE|closed|socket error|the peer broke off its answer)$/, 'probe.cut'],
  [/^TLS failed: (?<why>.*)$/, 'probe.tls'],
  [/^401 and no credentials are configured$|^the camera wants a login and none is configured$/, 'probe.noCredentials'],
  [/^401 |^login refused \d+ times$/, 'probe.loginRefused'],
  [/^the account may not do this$/, 'probe.account'],
  [/^the description offers no video$/, 'probe.noVideo'],
  [/^redirect not followed: (?<said>.*)$/, 'probe.redirect'],
  [/^the peer speaks TLS/, 'probe.speaksTls'],
  [/^the peer speaks HTTP$/, 'probe.speaksHttp'],
  [/^(the (answer|status line|first line) is not RTSP|Content-Length is no number)$/, 'probe.notRtsp'],
  [
    /^(header|body) larger than |^more than |^the answer is larger than |^the compressed answer is broken/,
    'probe.tooMuch',
  ],
  [/^(broken XML|the answer is no |no HTTP answer|the answer cannot be parsed)/, 'probe.notOnvif'],
  [/^the camera answers: (?<said>.*)$/, 'probe.says'],
  [/^(?<said>(HTTP )?\d{3}( .*)?)$/, 'probe.status'],
];

/** What a probe found, in words; what only the device itself said stands as its answer. */
export function probeWords(detail: string): string {
  for (const [shape, key] of PROBE_DETAILS) {
    const found = shape.exec(detail);
    if (found) return t(key, found.groups ?? {});
  }
  return t('proof.answer', { text: detail });
}
