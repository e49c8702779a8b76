import { readFileSync, writeFileSync } from 'node:fs';
import { ERROR_TABLE } from '../error-table.ts';

export const ERRORS_PAGE = new URL('../../../docs/reference/errors.md', import.meta.url);

const INTRO = `# 错误代码 / Error codes

API 的每次拒绝都是 RFC 9457 的 \`application/problem+json\`，程序只应依据稳定的 \`code\` 判断，不要依据文字。
Every refusal of the API is an RFC 9457 problem document. Branch on the stable \`code\`, never on the text.

- \`retry\`：稍后用同样的请求重试可能成功 / the same request can succeed later (see \`Retry-After\`).
- \`errors[]\`：逐个字段的 \`path\`、\`code\` 与 \`message\`（规则与处理办法）/ one entry a field: rule and remedy.
- \`requestId\`：与日志中的同名字段对应 / find it in the log.

| code | HTTP | retry | 中文 | English |
|---|---|---|---|---|
`;

/** The reference page, made from the table. \`node gateway/src/api/errors-doc.ts --write\` renews it. */
export function errorsPage(): string {
  const rows = Object.entries(ERROR_TABLE).map(
    ([code, { status, retry, title }]) =>
      `| \`${code}\` | ${status} | ${retry ? 'yes' : 'no'} | ${title.zh} | ${title.en} |`,
  );
  return `${INTRO}${rows.join('\n')}\n`;
}

if (import.meta.main && process.argv.includes('--write')) writeFileSync(ERRORS_PAGE, errorsPage());

export const committedErrorsPage = (): string => readFileSync(ERRORS_PAGE, 'utf8');
