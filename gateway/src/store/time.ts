/**
 * Times cross the border to SQL as epoch milliseconds (numbers, microseconds as fraction). Coming back, timestamptz is
 * parsed to the same ({@link file://./pg-types.ts}); going in, a placeholder is wrapped with {@link at}.
 */

/** SQL for a parameter holding epoch milliseconds: `at('$3')`. null stays null; ±Infinity is not accepted. */
export function at(placeholder: string): string {
  // Both casts pin the division to float8; numeric would be ten times slower on whole columns.
  return `to_timestamp(${placeholder}::float8 / 1000::float8)`;
}

/** SQL that turns a timestamptz expression into epoch milliseconds (float8), for sums and JSON; plain columns need none. */
export function ms(expression: string): string {
  return `(extract(epoch from ${expression}) * 1000)::float8`;
}
