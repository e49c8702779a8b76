import type { Answer, Command, Control } from './ports.ts';
import type { Acl, WantedLogin } from './wanted.ts';

/** A login of ours as the broker has it. */
export interface KnownLogin {
  readonly enabled: boolean;
  /** Its rights, to be compared. */
  readonly acls: string;
}

/** A broker that does not answer, or not as its plug-in would. */
export class PlugInError extends Error {}

const ASK_MS = 10_000;
/** The plug-in writes its whole file for every command: more at a time would hold up the devices. */
const AT_ONCE = 20;
const PAGE = 500;
const ROLE = 'cgw-login:';
const OURS = 'cgw-gateway';

/** Mosquitto's dynamic-security plug-in: what we keep there, in its own commands. Logins that are not ours are never touched. */
export function createPlugIn(control: Control, pause: (ms: number) => Promise<void>) {
  const ask = async (commands: readonly Command[]): Promise<Answer[]> => {
    const answers: Answer[] = [];
    for (let start = 0; start < commands.length; start += AT_ONCE) {
      const began = performance.now();
      const some = commands.slice(start, start + AT_ONCE);
      answers.push(...(await control.ask(some, ASK_MS)));
      // Half of the broker's time stays with the devices.
      if (start + AT_ONCE < commands.length) await pause(performance.now() - began);
    }
    return answers;
  };

  const must = async (commands: readonly Command[], ...mayFail: readonly string[]) => {
    const answers = await ask(commands);
    for (const { command, error } of answers) {
      if (error !== undefined && !mayFail.includes(error)) throw new PlugInError(`${command}: ${error}`);
    }
    return answers;
  };

  const pages = async <T>(command: string, list: string): Promise<T[]> => {
    const found: T[] = [];
    for (let offset = 0; ; offset += PAGE) {
      const [answer] = await must([{ command, verbose: true, count: PAGE, offset }]);
      const page = ((answer?.data as Record<string, unknown> | undefined)?.[list] ?? []) as T[];
      found.push(...page);
      if (page.length < PAGE) return found;
    }
  };

  return {
    /** Whether it is there at all; a broker without it is silent. */
    async answers(): Promise<boolean> {
      if (!control.open) return false;
      try {
        const [answer] = await control.ask([{ command: 'getDefaultACLAccess' }], 3_000);
        return answer !== undefined && answer.error === undefined;
      } catch {
        return false;
      }
    },

    /** What no role allows is refused; the gateway may speak to devices. */
    async prepare(ownLogin: string): Promise<void> {
      const acls = ['cgw/v1/#', 'cgw/canary/#'].map((topic) => ({
        acltype: 'publishClientSend',
        topic,
        priority: 0,
        allow: true,
      }));
      await must(
        [
          {
            command: 'setDefaultACLAccess',
            acls: [
              { acltype: 'publishClientSend', allow: false },
              { acltype: 'subscribe', allow: false },
            ],
          },
          { command: 'createRole', rolename: OURS, acls },
          { command: 'addClientRole', username: ownLogin, rolename: OURS, priority: 1 },
        ],
        'Role already exists',
        // Said of a role that the login has already.
        'Internal error',
      );
    },

    /** Every login of ours, and the names of those that are not. */
    async list(): Promise<{ ours: Map<string, KnownLogin>; foreign: Set<string> }> {
      type Client = { username: string; disabled?: boolean; roles: { rolename: string }[] };
      const clients = await pages<Client>('listClients', 'clients');
      const roles = new Map(
        (await pages<{ rolename: string; acls: Acl[] }>('listRoles', 'roles')).map((role) => [
          role.rolename,
          textOf(role.acls),
        ]),
      );
      const ours = new Map<string, KnownLogin>();
      const foreign = new Set<string>();
      for (const { username, disabled = false, roles: held } of clients) {
        const role = `${ROLE}${username}`;
        if (!held.some(({ rolename }) => rolename === role)) foreign.add(username);
        else ours.set(username, { enabled: !disabled, acls: roles.get(role) ?? '' });
      }
      return { ours, foreign };
    },

    /** Makes the login, or gives it another password; a live session ends with the old one. */
    async give(username: string, password: string, wanted: WantedLogin, known: KnownLogin | undefined): Promise<void> {
      const rolename = `${ROLE}${username}`;
      if (known) {
        await must([
          ...(known.acls === textOf(wanted.acls) ? [] : [{ command: 'modifyRole', rolename, acls: wanted.acls }]),
          { command: 'setClientPassword', username, password },
          ...(known.enabled === wanted.enabled ? [] : [turn(username, wanted.enabled)]),
        ]);
        return;
      }
      const [role] = await must([{ command: 'createRole', rolename, acls: wanted.acls }], 'Role already exists');
      // Left over from a login that was only half made.
      if (role?.error !== undefined) await must([{ command: 'modifyRole', rolename, acls: wanted.acls }]);
      const [made] = await must(
        [{ command: 'createClient', username, password, roles: [{ rolename }] }],
        'Client already exists',
      );
      // Somebody else's, made since we looked: a device's id must never change another login's password.
      if (made?.error !== undefined) throw new PlugInError(`${username}: ${made.error}`);
      if (!wanted.enabled) await must([turn(username, false)]);
    },

    /** Rights and whether it may log in, without its password. Turning it off ends its session. */
    async mend(username: string, wanted: WantedLogin, known: KnownLogin): Promise<boolean> {
      const commands = [
        ...(known.acls === textOf(wanted.acls)
          ? []
          : [{ command: 'modifyRole', rolename: `${ROLE}${username}`, acls: wanted.acls }]),
        ...(known.enabled === wanted.enabled ? [] : [turn(username, wanted.enabled)]),
      ];
      await must(commands);
      return commands.length > 0;
    },

    textOf,

    async remove(username: string): Promise<void> {
      await must(
        [
          { command: 'deleteClient', username },
          { command: 'deleteRole', rolename: `${ROLE}${username}` },
        ],
        'Client not found',
        'Role not found',
      );
    },
  };
}

export type PlugIn = ReturnType<typeof createPlugIn>;

const turn = (username: string, on: boolean): Command => ({
  command: on ? 'enableClient' : 'disableClient',
  username,
});

/** The same rights give the same text, in whatever order the broker lists them. */
function textOf(acls: readonly Acl[]): string {
  return acls
    .map(({ acltype, topic, allow }) => `${acltype} ${topic} ${allow}`)
    .sort()
    .join('\n');
}
