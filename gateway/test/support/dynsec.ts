import type { Answer, Command, Control } from '../../src/logins/ports.ts';

interface Client {
  password: string;
  disabled: boolean;
  roles: { rolename: string }[];
}

/** Mosquitto's dynamic-security plug-in in memory: the commands we use and the words it refuses with (2.0). */
export function createFakeDynsec() {
  const clients = new Map<string, Client>([
    ['gateway', { password: 'g', disabled: false, roles: [{ rolename: 'admin' }] }],
  ]);
  const roles = new Map<string, { acls: readonly unknown[] }>([['admin', { acls: [] }]]);
  const heard: string[] = [];
  let open = true;
  let meanwhile: ((command: Command) => Promise<void>) | undefined;

  const page = (all: readonly unknown[], { offset, count }: Command) =>
    all.slice(Number(offset), Number(offset) + Number(count));

  const client = (name: unknown, change: (found: Client) => void): string | undefined => {
    const found = clients.get(String(name));
    if (!found) return 'Client not found';
    change(found);
    return undefined;
  };

  const commands: Record<string, (command: Command) => string | undefined | { data: unknown }> = {
    getDefaultACLAccess: () => undefined,
    setDefaultACLAccess: () => undefined,
    createRole({ rolename, acls }) {
      if (roles.has(String(rolename))) return 'Role already exists';
      roles.set(String(rolename), { acls: acls as unknown[] });
    },
    modifyRole({ rolename, acls }) {
      if (!roles.has(String(rolename))) return 'Role not found';
      roles.set(String(rolename), { acls: acls as unknown[] });
    },
    deleteRole: ({ rolename }) => (roles.delete(String(rolename)) ? undefined : 'Role not found'),
    createClient({ username, password, roles: held }) {
      if (clients.has(String(username))) return 'Client already exists';
      clients.set(String(username), { password: String(password), disabled: false, roles: held as Client['roles'] });
    },
    deleteClient: ({ username }) => (clients.delete(String(username)) ? undefined : 'Client not found'),
    setClientPassword: ({ username, password }) =>
      client(username, (found) => {
        found.password = String(password);
      }),
    enableClient: ({ username }) =>
      client(username, (found) => {
        found.disabled = false;
      }),
    disableClient: ({ username }) =>
      client(username, (found) => {
        found.disabled = true;
      }),
    // 2.0 says "Internal error" of a role that is held already.
    addClientRole({ username, rolename }) {
      const found = clients.get(String(username));
      if (!found) return 'Client not found';
      if (found.roles.some((role) => role.rolename === rolename)) return 'Internal error';
      found.roles.push({ rolename: String(rolename) });
    },
    listClients: (command) => ({
      data: {
        clients: page(
          [...clients].map(([username, { password: _, ...rest }]) => ({ username, ...rest })),
          command,
        ),
      },
    }),
    listRoles: (command) => ({
      data: {
        roles: page(
          [...roles].map(([rolename, role]) => ({ rolename, ...role })),
          command,
        ),
      },
    }),
  };

  const run = (command: Command): Answer => {
    heard.push(`${command.command} ${String(command.username ?? command.rolename ?? '')}`.trim());
    const answer = commands[command.command]?.(command) ?? undefined;
    if (typeof answer === 'string') return { command: command.command, error: answer };
    return { command: command.command, ...answer };
  };

  return {
    clients,
    roles,
    /** Every command, with whom it was about. */
    heard,
    control: {
      get open() {
        return open;
      },
      async ask(asked) {
        const answers: Answer[] = [];
        for (const command of asked) {
          if (!open) throw new Error('the connection to the broker was lost');
          answers.push(run(command));
          await meanwhile?.(command);
        }
        return answers;
      },
    } satisfies Control as Control,
    /** The broker goes, and comes back with what it had. */
    away: () => {
      open = false;
    },
    back: () => {
      open = true;
    },
    /** As after `mosquitto_ctrl dynsec init`: only the gateway's own login is there. */
    forget() {
      for (const name of [...clients.keys()]) if (name !== 'gateway') clients.delete(name);
      for (const name of [...roles.keys()]) if (name !== 'admin') roles.delete(name);
    },
    /** Runs after each command was obeyed and before it is answered. */
    during(work: typeof meanwhile) {
      meanwhile = work;
    },
  };
}
