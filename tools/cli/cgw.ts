// `npx cgw <command>`: finds the command, answers --help, and turns a failure into one line and a non-zero exit.
import { bilingual } from '../../gateway/src/messages/index.ts';
import { COMMANDS, type Command } from './commands.ts';

function usage(): string {
  const width = Math.max(...COMMANDS.map((command) => command.usage.length));
  const rows = COMMANDS.map((command) => `  ${command.usage.padEnd(width)}  ${command.summary}`);
  return `cgw <command> [options]\n\n${rows.join('\n')}\n\ncgw <command> --help tells more.`;
}

function find(words: readonly string[]): { command: Command; rest: readonly string[] } | undefined {
  for (const command of COMMANDS) {
    const name = command.name.split(' ');
    if (name.every((word, index) => words[index] === word)) return { command, rest: words.slice(name.length) };
  }
  return undefined;
}

const words = process.argv.slice(2);
const found = find(words);
if (words.length === 0 || words[0] === '--help' || words[0] === 'help') {
  console.log(usage());
} else if (!found) {
  console.error(`${bilingual('cli.unknownCommand', { name: words[0] ?? '' })}\n\n${usage()}`);
  process.exitCode = 2;
} else if (found.rest.includes('--help')) {
  const { usage, help, details } = found.command;
  console.log([`cgw ${usage}`, help, ...(details ? [await details()] : [])].join('\n\n'));
} else {
  try {
    process.exitCode = await found.command.run(found.rest);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const calledWrongly = error instanceof TypeError && 'code' in error && /^ERR_PARSE_ARGS/.test(String(error.code));
    console.error(calledWrongly ? bilingual('cli.badArguments', { detail, name: found.command.name }) : detail);
    process.exitCode = calledWrongly ? 2 : 1;
  }
}
