import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import { acknowledgePage } from '../acknowledge-page.ts';
import type { RouteContext } from '../deps.ts';
import type { LinkView } from '../ports/notifications.ts';
import { route } from '../route.ts';
import { Strict } from '../schema.ts';

const FORM = 'application/x-www-form-urlencoded';
const MOST_BYTES = 2_048;
const Html = Type.Unsafe<string>({ type: 'string', description: 'A page for a phone' });
const Token = Strict({ token: Type.String({ minLength: 1, maxLength: 600 }) });

/**
 * The link in a message about life and limb, for a phone without a login. Programs that preview links open it, so
 * opening shows and only the button acknowledges.
 */
export const acknowledgeLinkRoutes = ({ services: { notifications }, config }: RouteContext) => {
  const show = (reply: FastifyReply, view: LinkView, language: 'zh-CN' | 'en') => {
    const { html, policy } = acknowledgePage(view, language, config.timeZone);
    reply.code(view.state === 'invalid' ? 404 : view.state === 'expired' ? 410 : 200);
    reply.type('text/html; charset=utf-8').header('content-security-policy', policy);
    return html;
  };
  const common = { url: '/acknowledge/:token', root: true, access: 'public', tag: 'notifications' } as const;
  return [
    route({
      ...common,
      method: 'GET',
      operationId: 'showAcknowledgeLink',
      summary: 'What a link out of a message is about; changes nothing',
      params: Token,
      produces: 'text/html',
      ok: Html,
      handler: async ({ params, language, reply }) =>
        show(reply, await notifications.look(params.token, language), language),
    }),
    route({
      ...common,
      method: 'POST',
      operationId: 'useAcknowledgeLink',
      summary: 'Acknowledge by the link, with an optional `name`',
      params: Token,
      upload: { types: [FORM], maxBytes: MOST_BYTES },
      produces: 'text/html',
      ok: Html,
      async handler({ params, language, request, reply }) {
        const form = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '';
        const name = new URLSearchParams(form).get('name') ?? '';
        return show(reply, await notifications.byLink(params.token, name, request.ip, language), language);
      },
    }),
  ];
};
