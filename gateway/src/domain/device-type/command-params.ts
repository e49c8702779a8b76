import type { FieldError } from '../../errors.ts';
import type { CommandDefinition } from './grammar.ts';

/** What is wrong with the params of a declared command; empty = nothing. */
export function commandFaults(definition: CommandDefinition, params: unknown): FieldError[] {
  const given = params ?? {};
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return [fault('/params', 'type', '须为对象', 'must be an object')];
  }
  const declared = definition.params ?? {};
  const values = given as Readonly<Record<string, unknown>>;
  const errors = Object.keys(values)
    .filter((name) => !Object.hasOwn(declared, name))
    .map((name) =>
      fault(`/params/${name.slice(0, 64)}`, 'unknownField', '该命令没有此参数', 'the command has no such param'),
    );
  for (const [name, param] of Object.entries(declared)) {
    const path = `/params/${name}`;
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) {
      if (param.required) errors.push(fault(path, 'required', '必填', 'is required'));
    } else errors.push(...valueFaults(path, param, value));
  }
  return errors;
}

type Param = NonNullable<CommandDefinition['params']>[string];

function valueFaults(path: string, param: Param, value: unknown): FieldError[] {
  const kind = param.type === 'text' ? 'string' : param.type;
  if (typeof value !== kind) return [fault(path, 'type', `须为 ${param.type}`, `must be a ${param.type}`)];
  if (param.values && !param.values.some((allowed) => allowed === value)) {
    const allowed = param.values.map(String).join(', ');
    return [fault(path, 'enum', `须为以下之一：${allowed}`, `use one of ${allowed}`)];
  }
  if (typeof value === 'string' && value.length > (param.maxLength ?? 256)) {
    return [
      fault(path, 'tooLong', `最多 ${param.maxLength ?? 256} 个字符`, `at most ${param.maxLength ?? 256} characters`),
    ];
  }
  if (typeof value !== 'number') return [];
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, integer } = param;
  if (integer && !Number.isInteger(value)) return [fault(path, 'type', '须为整数', 'must be a whole number')];
  return value >= min && value <= max
    ? []
    : [fault(path, 'range', `须在 ${min} 与 ${max} 之间`, `must be between ${min} and ${max}`)];
}

function fault(path: string, code: string, zh: string, en: string): FieldError {
  return { path, code, message: `${zh} / ${en}` };
}
