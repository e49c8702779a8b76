import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { Logger } from '../../../adapters/adapter.ts';
import { ERROR_TABLE, type ErrorCode } from '../error-table.ts';
import { type FieldError, GatewayError, isGatewayError } from '../errors.ts';
import { halfOf, type Language } from '../messages/index.ts';
import { Named } from './schema.ts';

/** RFC 9457 document of every refusal. */
export const Problem = Named(
  'Problem',
  Type.Object(
    {
      type: Type.String({ examples: ['urn:cgw:error:NOT_FOUND'] }),
      title: Type.String({ description: 'Title of the code in the language of Accept-Language, else both' }),
      status: Type.Integer(),
      code: Type.Unsafe<ErrorCode>({
        type: 'string',
        enum: Object.keys(ERROR_TABLE),
        description: 'Stable; branch on it',
      }),
      detail: Type.Optional(Type.String()),
      retry: Type.Boolean({ description: 'Whether the same request can succeed later' }),
      requestId: Type.String(),
      errors: Type.Optional(
        Type.Array(
          Type.Object({
            path: Type.String({ description: 'JSON Pointer, or the name of a query parameter' }),
            code: Type.String(),
            message: Type.String({ description: 'The rule and the remedy' }),
            row: Type.Optional(Type.Integer({ minimum: 1 })),
            line: Type.Optional(Type.Integer({ minimum: 1, description: 'Of an uploaded text' })),
            column: Type.Optional(Type.Integer({ minimum: 1 })),
          }),
        ),
      ),
    },
    { description: 'RFC 9457 problem; some codes add members, e.g. `allowed`' },
  ),
);

/** Chinese or English when the caller prefers one of them, else undefined = both. */
export function languageOf(header: string | undefined): Language | undefined {
  const first = header?.split(',')[0]?.trim().toLowerCase() ?? '';
  if (first.startsWith('zh')) return 'zh-CN';
  return first.startsWith('en') ? 'en' : undefined;
}

function titleOf(code: ErrorCode, language: Language | undefined): string {
  const { zh, en } = ERROR_TABLE[code].title;
  if (language === 'zh-CN') return zh;
  return language === 'en' ? en : `${zh} / ${en}`;
}

/** Messages are written `中文 / English`; a caller who asked for one language gets that half. */
const inLanguage = (message: string, language: Language | undefined): string =>
  language ? halfOf(message, language) : message;

export function problemOf(error: GatewayError, requestId: string, language: Language | undefined): object {
  return {
    ...error.extra,
    type: `urn:cgw:error:${error.code}`,
    title: titleOf(error.code, language),
    status: error.status,
    code: error.code,
    detail: inLanguage(error.message, language),
    retry: error.retry,
    requestId,
    ...(error.errors.length > 0
      ? { errors: error.errors.map((e): FieldError => ({ ...e, message: inLanguage(e.message, language) })) }
      : {}),
  };
}

/** Maps whatever was thrown to one of our codes. What we did not foresee is INTERNAL and says nothing of the inside. */
export function toGatewayError(error: unknown): GatewayError {
  if (isGatewayError(error)) return error;
  const fastify = error as Partial<FastifyError>;
  switch (fastify.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new GatewayError('PAYLOAD_TOO_LARGE', '正文过大，请分批提交 / The body is too large; send it in parts');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new GatewayError(
        'UNSUPPORTED_MEDIA_TYPE',
        '请使用 Content-Type: application/json / Send Content-Type: application/json',
      );
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return field('/', 'contentLength', '正文长度与 Content-Length 不符 / Body and Content-Length differ');
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new GatewayError('NOT_FOUND');
  }
  return new GatewayError(
    'INTERNAL',
    '内部错误，请凭 requestId 查日志 / Internal error; find it in the log by requestId',
    {
      cause: error,
    },
  );
}

function field(path: string, code: string, message: string): GatewayError {
  return new GatewayError('INVALID_INPUT', message, { errors: [{ path, code, message }] });
}

export function createErrorHandler(log: Logger) {
  return (thrown: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const error = toGatewayError(thrown);
    // A camera that gives no picture is no failure of ours; a dead one that is looked at would fill the log.
    if (error.status >= 500 && error.code !== 'CAMERA_UNAVAILABLE') {
      log.error(
        { requestId: request.id, code: error.code, error: thrown, route: request.routeOptions.url },
        'request failed',
      );
    }
    if (error.status === 401) reply.header('www-authenticate', 'Bearer realm="cgw"');
    if (error.retry) reply.header('retry-after', String(error.extra.retryAfter ?? 5));
    sendProblem(reply, error, request);
  };
}

export function sendProblem(reply: FastifyReply, error: GatewayError, request: FastifyRequest): void {
  const body = JSON.stringify(problemOf(error, request.id, languageOf(request.headers['accept-language'])));
  reply.code(error.status).header('vary', 'accept-language').type('application/problem+json; charset=utf-8');
  // A string is sent as it is: the route's own response schema does not apply to a refusal.
  reply.serializer((payload: unknown) => String(payload)).send(body);
}
